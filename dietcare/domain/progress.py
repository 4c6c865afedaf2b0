"""What was eaten on a day or in a week, against the goals of those days."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from dietcare.domain.calendar import WEEK_DAYS, days_ending
from dietcare.domain.goal import Dialysis, GoalSource
from dietcare.domain.meal import Intake
from dietcare.domain.nutrients import (
    SUM_DECIMALS,
    Known,
    Nutrient,
    Nutrients,
    known_of,
    total,
)
from dietcare.domain.warning import Warning
from dietcare.messages import text

PERCENT_DECIMALS = 1
TOP_FOODS_MAX = 3
PROTEIN_LOW_SHARE = 0.8
PROTEIN_EXCESS_SHARE_ON_DIALYSIS = 0.25
FLAT_PERCENT = 5.0
PROTEIN_FIELD = "progress.consumed.protein_g"


class Period(StrEnum):
    """How long a stretch of time."""

    DAILY = "daily"
    WEEKLY = "weekly"


class Direction(StrEnum):
    """Which way a week's daily average moved."""

    UP = "up"
    DOWN = "down"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class DayGoals:
    """The goals in force when a local date ended."""

    nutrients: Nutrients
    dialysis: Dialysis
    source: GoalSource

    @property
    def ceilings(self) -> Nutrients:
        """What is a violation above: the goals, and on dialysis a quarter more of the protein."""
        if self.dialysis is Dialysis.NONE:
            return self.nutrients
        protein_g = self.nutrients.amount(Nutrient.PROTEIN)
        ceiling_g = round(protein_g * (1 + PROTEIN_EXCESS_SHARE_ON_DIALYSIS), SUM_DECIMALS)
        return replace(self.nutrients, protein_g=ceiling_g)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What a stretch of time is measured against."""

    goals: Nutrients
    ceilings: Nutrients


@dataclass(frozen=True, slots=True)
class TopFood:
    """What one food contributed, in the nutrient's unit."""

    name: str
    amount: float


@dataclass(frozen=True, slots=True)
class NutrientViolation:
    """A nutrient above its goal."""

    nutrient: Nutrient
    consumed: float
    goal: float
    excess: float
    percent: float
    top_foods: tuple[TopFood, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """A daily average against that of the week before; `percent` is None where that is empty."""

    direction: Direction
    percent: float | None


@dataclass(frozen=True, slots=True)
class Balance:
    """What was eaten in one stretch of time against its goals."""

    meals_logged: int
    consumed: Nutrients
    goals: Nutrients
    adherence: Nutrients
    violations: tuple[NutrientViolation, ...]
    warnings: tuple[Warning, ...]
    known: Known


@dataclass(frozen=True, slots=True)
class DayProgress:
    """One day of a week."""

    day: date
    balance: Balance


@dataclass(frozen=True, slots=True)
class Week:
    """What a week adds to its balance."""

    days: tuple[DayProgress, ...]
    days_logged: int
    daily_average: Nutrients
    trend: Mapping[Nutrient, Trend]


@dataclass(frozen=True, slots=True)
class Progress:
    """The answer to a question for progress."""

    day: date
    period: Period
    balance: Balance
    goals_source: GoalSource
    week: Week | None = None


GoalsOn = Callable[[date], DayGoals]
MealsByDay = Mapping[date, Sequence[Intake]]


def by_day(meals: Iterable[Intake]) -> MealsByDay:
    """Group meals by the date that they count for."""
    grouped: dict[date, list[Intake]] = {}
    for meal in meals:
        grouped.setdefault(meal.local_date, []).append(meal)
    return grouped


def daily(day: date, today: date, meals: MealsByDay, goals_on: GoalsOn) -> Progress:
    """Progress of one local date."""
    goals = goals_on(day)
    eaten = meals.get(day, ())
    return Progress(day, Period.DAILY, _day_balance(eaten, goals, past=day < today), goals.source)


def weekly(day: date, today: date, meals: MealsByDay, goals_on: GoalsOn) -> Progress:
    """Progress of the seven local dates that end on `day`; `meals` has the 14 that end on it."""
    goals = [goals_on(each) for each in days_ending(day, WEEK_DAYS)]
    days = tuple(
        DayProgress(each, _day_balance(meals.get(each, ()), target, past=each < today))
        for each, target in zip(days_ending(day, WEEK_DAYS), goals, strict=True)
    )
    eaten = [meal for each in days for meal in meals.get(each.day, ())]
    bounds = _Bounds(
        total(target.nutrients for target in goals), total(target.ceilings for target in goals)
    )
    summed = _balance(eaten, bounds)
    balance = replace(summed, warnings=(*summed.warnings, *_warnings_of(days)))
    days_logged = sum(each.balance.meals_logged > 0 for each in days)
    average = _average(balance.consumed, days_logged)
    before = [each for each in days_ending(day, 2 * WEEK_DAYS) if each < days[0].day]
    logged_before = [meals[each] for each in before if meals.get(each)]
    average_before = _average(
        _consumed([meal for meals_of_day in logged_before for meal in meals_of_day]),
        len(logged_before),
    )
    trend = {
        n: _trend(average.amount(n), average_before.amount(n) if logged_before else None)
        for n in Nutrient
    }
    week = Week(days, days_logged, average, trend)
    return Progress(day, Period.WEEKLY, balance, goals[-1].source, week)


def _warnings_of(days: Iterable[DayProgress]) -> Iterable[Warning]:
    for index, each in enumerate(days):
        for warning in each.balance.warnings:
            inner = warning.field.removeprefix("progress.")
            yield replace(warning, field=f"progress.days[{index}].{inner}")


def _consumed(meals: Iterable[Intake]) -> Nutrients:
    return total(meal.total_nutrients for meal in meals)


def _day_balance(meals: Sequence[Intake], goals: DayGoals, *, past: bool) -> Balance:
    balance = _balance(meals, _Bounds(goals.nutrients, goals.ceilings))
    eaten, goal = (each.amount(Nutrient.PROTEIN) for each in (balance.consumed, goals.nutrients))
    if not (past and meals and eaten < round(PROTEIN_LOW_SHARE * goal, SUM_DECIMALS)):
        return balance
    low = Warning("PROTEIN_LOW", PROTEIN_FIELD, text("warning.protein_low"))
    return replace(balance, warnings=(low, *balance.warnings))


def _balance(meals: Sequence[Intake], bounds: _Bounds) -> Balance:
    consumed, goals = _consumed(meals), bounds.goals
    above = [n for n in Nutrient if consumed.amount(n) > bounds.ceilings.amount(n)]
    return Balance(
        meals_logged=len(meals),
        consumed=consumed,
        goals=goals,
        adherence=Nutrients.each(lambda n: percent_of(consumed.amount(n), goals.amount(n))),
        violations=tuple(_violation(n, consumed, goals, meals) for n in above),
        warnings=tuple(_protein_high(consumed, bounds)),
        known=known_of(food.nutrients for meal in meals for food in meal.foods),
    )


def _protein_high(consumed: Nutrients, bounds: _Bounds) -> Iterable[Warning]:
    """On dialysis protein is a target: some more of it is worth a word, and no violation."""
    goal, ceiling = (each.amount(Nutrient.PROTEIN) for each in (bounds.goals, bounds.ceilings))
    if goal < consumed.amount(Nutrient.PROTEIN) <= ceiling:
        yield Warning("PROTEIN_HIGH", PROTEIN_FIELD, text("warning.protein_high_dialysis"))


def _violation(
    nutrient: Nutrient, consumed: Nutrients, goals: Nutrients, meals: Sequence[Intake]
) -> NutrientViolation:
    eaten, goal = consumed.amount(nutrient), goals.amount(nutrient)
    return NutrientViolation(
        nutrient=nutrient,
        consumed=eaten,
        goal=goal,
        excess=round(eaten - goal, SUM_DECIMALS),
        percent=percent_of(eaten, goal),
        top_foods=tuple(_top_foods(nutrient, meals)),
    )


def _top_foods(nutrient: Nutrient, meals: Sequence[Intake]) -> list[TopFood]:
    """The foods that contributed most, the same name added up; ties in alphabetical order."""
    amounts: dict[str, float] = {}
    for meal in meals:
        for food in meal.foods:
            amounts[food.name] = amounts.get(food.name, 0.0) + food.nutrients.amount(nutrient)
    ranked = sorted(
        ((name, amount) for name, amount in amounts.items() if amount > 0),
        key=lambda pair: (-pair[1], pair[0]),
    )
    return [TopFood(name, round(amount, SUM_DECIMALS)) for name, amount in ranked[:TOP_FOODS_MAX]]


def percent_of(consumed: float, goal: float) -> float:
    """consumed / goal × 100 with one decimal; goals are never 0."""
    return round(consumed / goal * 100, PERCENT_DECIMALS)


def _average(consumed: Nutrients, days: int) -> Nutrients:
    return Nutrients.each(lambda n: round(consumed.amount(n) / days, SUM_DECIMALS) if days else 0.0)


def _trend(average: float, before: float | None) -> Trend:
    if not before:
        return Trend(Direction.FLAT if average == 0 else Direction.UP, None)
    change = (average - before) / before * 100
    percent = round(change, PERCENT_DECIMALS)
    if abs(round(change, SUM_DECIMALS)) <= FLAT_PERCENT:
        return Trend(Direction.FLAT, percent)
    return Trend(Direction.UP if change > 0 else Direction.DOWN, percent)
