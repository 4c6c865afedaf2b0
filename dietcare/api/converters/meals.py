"""Meals: drafts, changes, filters, pages."""

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
from dietcare.domain import calendar
from dietcare.domain.ids import AnalysisId, MealId
from dietcare.domain.meal import Meal, MealChange, MealDraft, MealFilter, MealPage, MealType
from dietcare.errors import InvalidMealDataError
from dietcare.messages import Language
from dietcare.v1 import meal_pb2

MEAL_TYPE = EnumTable(meal_pb2.MealType.DESCRIPTOR)

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 100
PAGE_MAX = 1_000_000
CHANGEABLE = frozenset(
    {"meal_type", "foods", "total_nutrients", "logged_at", "time_zone", "note", "analysis_id"}
)


def draft_of(message: meal_pb2.LogMealRequest) -> MealDraft:
    """The meal that a client wants to log.

    Raises:
        InvalidMealDataError: with every malformed field.
    """
    reader = Reader(InvalidMealDataError)
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
    reader.done()
    return draft


def meal_id_of(value: str) -> MealId:
    """The id of a meal.

    Raises:
        ValidationError: it is no id.
    """
    reader = Reader()
    meal_id = reader.identifier(meal_pb2.GetMealRequest(meal_id=value), "meal_id")
    reader.done()
    return MealId(meal_id or "")


def change_of(message: meal_pb2.UpdateMealRequest) -> MealChange:
    """What a client wants to change.

    Raises:
        InvalidMealDataError: with every malformed or read-only field.
    """
    reader = Reader(InvalidMealDataError)
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
    reader.done()
    return MealChange(fields, values)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which meals."""

    where: MealFilter
    page: int
    page_size: int


def page_request_of(message: meal_pb2.ListMealsRequest) -> PageRequest:
    """The page that a client asks for.

    Raises:
        ValidationError: with every malformed field.
    """
    reader = Reader()
    start, end = _bound(reader, message, "start_date"), _bound(reader, message, "end_date")
    page = reader.integer(message, "page", 1, 1, PAGE_MAX)
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
        page,
        page_size,
    )


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


def to_page(found: MealPage, asked: PageRequest, language: Language) -> meal_pb2.ListMealsResponse:
    """A page of meals as a message."""
    return meal_pb2.ListMealsResponse(
        meals=[to_meal(meal, language) for meal in found.meals],
        pagination=meal_pb2.Pagination(
            page=asked.page,
            page_size=asked.page_size,
            total=found.total,
            total_pages=-(-found.total // asked.page_size),
        ),
    )
