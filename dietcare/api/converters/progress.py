"""Progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dietcare.api.converters.enums import EnumTable
from dietcare.api.converters.goals import GOAL_SOURCE
from dietcare.api.converters.nutrients import (
    NUTRIENT_NUMBERS,
    to_coverage,
    to_nutrients,
    to_warnings,
)
from dietcare.api.converters.reading import Reader
from dietcare.domain.progress import (
    Balance,
    DayProgress,
    NutrientViolation,
    Period,
    Progress,
    Trend,
    Week,
)
from dietcare.errors import Violation
from dietcare.messages import Language
from dietcare.v1 import progress_pb2

PERIOD = EnumTable(progress_pb2.Period.DESCRIPTOR)
DIRECTION = EnumTable(progress_pb2.TrendDirection.DESCRIPTOR)


@dataclass(frozen=True, slots=True)
class ProgressRequest:
    """Which stretch of time."""

    day: date
    period: Period


def progress_request_of(
    message: progress_pb2.GetProgressRequest, beside: Sequence[Violation] = ()
) -> ProgressRequest:
    """The stretch of time that a client asks for.

    Raises:
        ValidationError: with every malformed field.
    """
    reader = Reader(beside=beside)
    day = reader.day(message, "date")
    period = reader.enum(message, "period", PERIOD, Period) or Period.DAILY
    reader.done()
    return ProgressRequest(day or date.min, period)


def to_progress(progress: Progress, language: Language) -> progress_pb2.Progress:
    """Progress as a message."""
    balance = progress.balance
    message = progress_pb2.Progress(
        date=progress.day.isoformat(),
        period=PERIOD.number(progress.period),
        consumed=to_nutrients(balance.consumed),
        goals=to_nutrients(balance.goals),
        adherence=to_nutrients(balance.adherence),
        violations=_violations(balance),
        goals_source=GOAL_SOURCE.number(progress.goals_source),
        meals_logged=balance.meals_logged,
        coverage=to_coverage(balance.known.coverage()),
        warnings=to_warnings(balance.warnings, language),
    )
    if progress.week is not None:
        _add_week(message, progress.week)
    return message


def _add_week(message: progress_pb2.Progress, week: Week) -> None:
    message.start_date = week.days[0].day.isoformat()
    message.end_date = week.days[-1].day.isoformat()
    message.days_logged = week.days_logged
    message.days.extend(_day(each) for each in week.days)
    message.daily_average.CopyFrom(to_nutrients(week.daily_average))
    trends = {nutrient.value: _trend(trend) for nutrient, trend in week.trend.items()}
    message.trend.CopyFrom(progress_pb2.Trends(**trends))


def _day(each: DayProgress) -> progress_pb2.DayProgress:
    return progress_pb2.DayProgress(
        date=each.day.isoformat(),
        meals_logged=each.balance.meals_logged,
        consumed=to_nutrients(each.balance.consumed),
        goals=to_nutrients(each.balance.goals),
        adherence=to_nutrients(each.balance.adherence),
        violations=_violations(each.balance),
    )


def _violations(balance: Balance) -> list[progress_pb2.Violation]:
    return [_violation(each) for each in balance.violations]


def _violation(each: NutrientViolation) -> progress_pb2.Violation:
    return progress_pb2.Violation(
        nutrient=NUTRIENT_NUMBERS[each.nutrient],
        consumed=each.consumed,
        goal=each.goal,
        excess=each.excess,
        percent=each.percent,
        top_foods=[
            progress_pb2.TopFood(name=food.name, amount=food.amount) for food in each.top_foods
        ],
    )


def _trend(trend: Trend) -> progress_pb2.Trend:
    message = progress_pb2.Trend(direction=DIRECTION.number(trend.direction))
    if trend.percent is not None:
        message.percent = trend.percent
    return message
