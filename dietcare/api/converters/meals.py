"""Meals: drafts, changes, filters, pages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dietcare.api.converters.enums import EnumTable
from dietcare.api.converters.nutrients import (
    from_food,
    from_nutrients,
    to_coverage,
    to_food,
    to_nutrients,
)
from dietcare.api.converters.reading import Reader
from dietcare.api.converters.times import to_timestamp
from dietcare.api.page_tokens import is_page_token
from dietcare.domain import calendar
from dietcare.domain.ids import AnalysisId, MealId, is_id
from dietcare.domain.meal import Meal, MealChange, MealDraft, MealFilter, MealPage, MealType
from dietcare.errors import InvalidMealDataError, Violation
from dietcare.messages import Language, text
from dietcare.v1 import meal_pb2

MEAL_TYPE = EnumTable(meal_pb2.MealType.DESCRIPTOR)

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 100
PAGE_MAX = 1_000_000
CHANGEABLE = frozenset(
    {"meal_type", "foods", "total_nutrients", "logged_at", "time_zone", "note", "analysis_id"}
)


def draft_of(
    message: meal_pb2.LogMealRequest,
    violations: Callable[[MealDraft], Iterable[Violation]],
    beside: Sequence[Violation] = (),
) -> MealDraft:
    """The meal that a client wants to log; `violations` finds what breaks a rule.

    Raises:
        InvalidMealDataError: with every malformed field.
    """
    reader = Reader(InvalidMealDataError, beside)
    analysis_id = reader.identifier(message, "analysis_id")
    draft = MealDraft(
        meal_type=reader.enum(message, "meal_type", MEAL_TYPE, MealType),
        foods=tuple(from_food(food) for food in message.foods),
        total_nutrients=(
            from_nutrients(message.total_nutrients) if message.HasField("total_nutrients") else None
        ),
        logged_at=reader.instant(message, "logged_at"),
        time_zone=reader.optional(message, "time_zone"),
        analysis_id=AnalysisId(analysis_id) if analysis_id else None,
        note=reader.optional(message, "note"),
    )
    reader.done(lambda: violations(draft))
    return draft


def meal_id_of(value: str, beside: Sequence[Violation] = ()) -> MealId:
    """The id of a meal.

    Raises:
        ValidationError: it is no id.
    """
    Reader(beside=[*beside, *_meal_id_violations(value)]).done()
    return MealId(value.lower())


def _meal_id_violations(value: str) -> list[Violation]:
    return [] if is_id(value) else [Violation("meal_id", text("field.id"))]


def change_of(
    message: meal_pb2.UpdateMealRequest,
    violations: Callable[[MealChange], Iterable[Violation]],
    beside: Sequence[Violation] = (),
) -> MealChange:
    """What a client wants to change; `violations` finds what breaks a rule.

    Raises:
        InvalidMealDataError: with every malformed or read-only field.
    """
    reader = Reader(InvalidMealDataError, [*beside, *_meal_id_violations(message.meal_id)])
    meal, fields = message.meal, frozenset(message.update_mask.paths)
    known = meal_pb2.Meal.DESCRIPTOR.fields_by_name
    for path in sorted(fields - CHANGEABLE):
        reader.refuse(path, "field.read_only" if path in known else "field.unknown_path")
    analysis_id = reader.identifier(meal, "analysis_id")
    values = MealDraft(
        meal_type=reader.enum(meal, "meal_type", MEAL_TYPE, MealType),
        foods=tuple(from_food(food) for food in meal.foods),
        total_nutrients=(
            from_nutrients(meal.total_nutrients) if meal.HasField("total_nutrients") else None
        ),
        logged_at=reader.instant(meal, "logged_at"),
        time_zone=meal.time_zone or None,
        analysis_id=AnalysisId(analysis_id) if analysis_id else None,
        note=reader.optional(meal, "note"),
    )
    change = MealChange(fields, values)
    reader.done(lambda: violations(change))
    return change


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which meals: `page` by its number, None where `token` says where it begins."""

    where: MealFilter
    page: int | None
    page_size: int
    token: str | None


def page_request_of(
    message: meal_pb2.ListMealsRequest, beside: Sequence[Violation] = ()
) -> PageRequest:
    """The page that a client asks for.

    Raises:
        ValidationError: with every malformed field.
    """
    reader = Reader(beside=beside)
    start, end = _bound(reader, message, "start_date"), _bound(reader, message, "end_date")
    page = reader.integer(message, "page", 1, 1, PAGE_MAX)
    token = reader.optional(message, "page_token")
    if token is not None:
        _check_token(reader, message, token)
    page_size = reader.integer(message, "page_size", PAGE_SIZE_DEFAULT, 1, PAGE_SIZE_MAX)
    meal_type = reader.enum(message, "meal_type", MEAL_TYPE, MealType)
    if start is not None and end is not None:
        _check_order(reader, start, end)
    reader.done()
    return PageRequest(
        MealFilter(
            meal_type=meal_type,
            first_date=_date(start),
            last_date=_date(end),
            first_instant=start if isinstance(start, datetime) else None,
            last_instant=end if isinstance(end, datetime) else None,
        ),
        page if token is None else None,
        page_size,
        token,
    )


def _check_token(reader: Reader, message: meal_pb2.ListMealsRequest, token: str) -> None:
    if message.HasField("page"):
        reader.refuse("page", "field.page_and_token")
    if not is_page_token(token):
        reader.refuse("page_token", "field.page_token")


def _bound(reader: Reader, message: meal_pb2.ListMealsRequest, field: str) -> date | None:
    value: str = getattr(message, field)
    if not message.HasField(field):
        return None
    bound = calendar.parse_date(value) or calendar.parse_instant(value)
    if bound is None:
        reader.refuse(field, "field.date")
    return bound


def _check_order(reader: Reader, start: date, end: date) -> None:
    if isinstance(start, datetime) != isinstance(end, datetime):
        reader.refuse("end_date", "field.mixed_range")
    elif end < start:
        reader.refuse("end_date", "field.date_order")


def _date(bound: date | None) -> date | None:
    return None if isinstance(bound, datetime) else bound


def to_meal(meal: Meal, language: Language) -> meal_pb2.Meal:
    """A meal as a message."""
    message = meal_pb2.Meal(
        id=meal.id,
        user_id=meal.user_id,
        meal_type=MEAL_TYPE.number(meal.meal_type),
        foods=[to_food(food, language) for food in meal.foods],
        total_nutrients=to_nutrients(meal.total_nutrients),
        logged_at=to_timestamp(meal.logged_at),
        created_at=to_timestamp(meal.created_at),
        updated_at=to_timestamp(meal.updated_at),
        local_date=meal.local_date.isoformat(),
        time_zone=meal.time_zone,
        version=meal.version,
        coverage=to_coverage(meal.coverage),
    )
    if meal.analysis_id is not None:
        message.analysis_id = meal.analysis_id
    if meal.note is not None:
        message.note = meal.note
    return message


def to_page(
    found: MealPage, asked: PageRequest, next_token: str | None, language: Language
) -> meal_pb2.ListMealsResponse:
    """A page of meals as a message; `next_token` is that of the page after it, if there is one."""
    return meal_pb2.ListMealsResponse(
        meals=[to_meal(meal, language) for meal in found.meals],
        pagination=meal_pb2.Pagination(
            page=asked.page,
            page_size=asked.page_size,
            total=found.total,
            total_pages=-(-found.total // asked.page_size),
            next_page_token=next_token,
        ),
    )
