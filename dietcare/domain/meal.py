"""A logged meal, what a client may say of it, and the rules it must keep."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from dietcare.domain import calendar
from dietcare.domain.food import (
    Food,
    has_control_characters,
    normalised_name,
)
from dietcare.domain.food import violations as food_violations
from dietcare.domain.ids import AnalysisId, MealId, UserId
from dietcare.domain.nutrients import Nutrients, known_of, total
from dietcare.errors import InvalidMealDataError, Violation
from dietcare.messages import text

FOODS_MAX = 50
NOTE_MAX_CHARACTERS = 1_000
FUTURE_MAX = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
APPLIED_MAX = 50
"""So many of the last changes that had an idempotency key are remembered with the meal."""
TOTAL_TOLERANCE_SHARE = 0.01
TOTAL_TOLERANCE_UNITS = 1.0
REQUIRED = ("logged_at", "time_zone")
"""What a stored meal always has, and a new one has by default."""


class MealType(StrEnum):
    """Which meal of the day."""

    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    DINNER = "dinner"
    SNACK = "snack"


@dataclass(frozen=True, slots=True)
class MealDraft:
    """What a client says of a meal, not yet checked. None is not said."""

    meal_type: MealType | None
    foods: tuple[Food, ...]
    total_nutrients: Nutrients | None = None
    logged_at: datetime | None = None
    time_zone: str | None = None
    analysis_id: AnalysisId | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Meal:
    """A meal that keeps every rule."""

    id: MealId
    user_id: UserId
    meal_type: MealType
    foods: tuple[Food, ...]
    total_nutrients: Nutrients
    logged_at: datetime
    local_date: date
    time_zone: str
    created_at: datetime
    updated_at: datetime
    version: int = 1
    analysis_id: AnalysisId | None = None
    note: str | None = None
    applied: tuple[str, ...] = ()
    """Ids of the last changes that were made under an idempotency key, oldest first."""

    @property
    def coverage(self) -> Nutrients | None:
        """The share of foods with a known value where it is below 1."""
        return known_of(food.nutrients for food in self.foods).coverage()


@dataclass(frozen=True, slots=True)
class Eaten:
    """One food of a meal, as far as progress needs it."""

    name: str
    nutrients: Nutrients


@dataclass(frozen=True, slots=True)
class Intake:
    """A meal as far as progress needs it: what was eaten, and the date that it counts for."""

    local_date: date
    total_nutrients: Nutrients
    foods: tuple[Eaten, ...]


@dataclass(frozen=True, slots=True)
class MealChange:
    """What a client changes of a meal: the draft's values for the fields named."""

    fields: frozenset[str]
    values: MealDraft


@dataclass(frozen=True, slots=True)
class MealFilter:
    """Which of a user's meals; both ends of a range are inclusive, None is unbounded."""

    meal_type: MealType | None = None
    first_date: date | None = None
    last_date: date | None = None
    first_instant: datetime | None = None
    last_instant: datetime | None = None


@dataclass(frozen=True, slots=True)
class MealPage:
    """A page of meals, newest first, and the size of the whole list."""

    meals: tuple[Meal, ...]
    total: int
    has_more: bool = field(default=False)

    @property
    def end(self) -> "MealCursor | None":
        """Where the next page begins; None where this is the last."""
        last = self.meals[-1] if self.meals and self.has_more else None
        return None if last is None else MealCursor(last.logged_at, last.id)


@dataclass(frozen=True, slots=True)
class MealCursor:
    """The last meal of a page: the next page begins after it."""

    logged_at: datetime
    meal_id: MealId


def new_meal(
    draft: MealDraft,
    *,
    meal_id: MealId,
    user_id: UserId,
    now: datetime,
    zone_name: str,
    refused: Sequence[Violation] = (),
) -> Meal:
    """The meal that a draft describes; `refused` is what others found wrong with it.

    Raises:
        InvalidMealDataError: with every field that breaks a rule.
    """
    if draft.time_zone is None:
        draft = replace(draft, time_zone=zone_name)
    draft = _normalised(replace(draft, logged_at=draft.logged_at or now))
    broken = [*_violations(draft, now), *refused]
    if broken:
        raise InvalidMealDataError(broken)
    return _of_valid(
        draft,
        Meal(
            id=meal_id,
            user_id=user_id,
            created_at=now,
            updated_at=now,
            meal_type=MealType.SNACK,
            foods=(),
            total_nutrients=Nutrients(),
            logged_at=now,
            local_date=now.date(),
            time_zone=zone_name,
        ),
    )


def draft_violations(draft: MealDraft, now: datetime) -> list[Violation]:
    """What of a draft breaks a rule, whatever the zone that stands in where it names none."""
    return list(_violations(_normalised(draft), now))


def change_violations(change: MealChange, now: datetime) -> list[Violation]:
    """What of a change breaks a rule, whatever the meal that it is made to."""
    broken = draft_violations(change.values, now)
    broken += [_required(name) for name in REQUIRED if getattr(change.values, name) is None]
    return [each for each in broken if re.split(r"[.\[]", each.field)[0] in change.fields]


def changed_meal(
    meal: Meal,
    change: MealChange,
    *,
    now: datetime,
    change_id: str | None = None,
    refused: Sequence[Violation] = (),
) -> Meal:
    """The meal after a change, one version on; foods alone recompute the totals.

    It remembers `change_id`. `refused` is what others found wrong with the change.

    Raises:
        InvalidMealDataError: with every field that breaks a rule.
    """
    merged = MealDraft(
        meal_type=meal.meal_type,
        foods=meal.foods,
        total_nutrients=None,
        logged_at=meal.logged_at,
        time_zone=meal.time_zone,
        analysis_id=meal.analysis_id,
        note=meal.note,
    )
    merged = replace(merged, **{name: getattr(change.values, name) for name in change.fields})
    merged = _normalised(merged)
    broken = [_required(name) for name in REQUIRED if getattr(merged, name) is None]
    broken += [*_violations(merged, now), *refused]
    if broken:
        raise InvalidMealDataError(broken)
    applied = meal.applied if change_id is None else (*meal.applied, change_id)[-APPLIED_MAX:]
    base = replace(meal, updated_at=now, version=meal.version + 1, applied=applied)
    return _of_valid(merged, base)


def _of_valid(draft: MealDraft, base: Meal) -> Meal:
    if draft.meal_type is None or draft.logged_at is None or draft.time_zone is None:
        raise AssertionError("a valid draft says all of these")
    return replace(
        base,
        meal_type=draft.meal_type,
        foods=draft.foods,
        total_nutrients=total(food.nutrients for food in draft.foods),
        logged_at=draft.logged_at,
        local_date=calendar.local_date(draft.logged_at, draft.time_zone),
        time_zone=draft.time_zone,
        analysis_id=draft.analysis_id,
        note=draft.note,
    )


def _normalised(draft: MealDraft) -> MealDraft:
    """Names and note in NFC, the instant in UTC to the millisecond."""
    instant = draft.logged_at and draft.logged_at.astimezone(UTC)
    return replace(
        draft,
        foods=tuple(replace(food, name=normalised_name(food.name)) for food in draft.foods),
        note=unicodedata.normalize("NFC", draft.note) if draft.note is not None else None,
        logged_at=instant and instant.replace(microsecond=instant.microsecond // 1000 * 1000),
    )


def _violations(draft: MealDraft, now: datetime) -> Iterator[Violation]:
    if draft.meal_type is None:
        yield _required("meal_type")
    yield from _foods_violations(draft)
    yield from _time_violations(draft, now)
    if draft.note is not None:
        yield from _note_violations(draft.note)


def _foods_violations(draft: MealDraft) -> Iterator[Violation]:
    if not 1 <= len(draft.foods) <= FOODS_MAX:
        yield Violation("foods", text("field.foods_count", maximum=FOODS_MAX))
        return
    broken = [
        violation
        for index, food in enumerate(draft.foods)
        for violation in food_violations(food, f"foods[{index}]")
    ]
    yield from broken
    if draft.total_nutrients is not None:
        # Of a nutrient that is wrong in a food there is no sum to agree with.
        unknown = {_leaf(each) for each in broken}
        totals = _total_violations(draft.total_nutrients, draft.foods)
        yield from (each for each in totals if _leaf(each) not in unknown)


def _total_violations(claimed: Nutrients, foods: tuple[Food, ...]) -> Iterator[Violation]:
    summed = total(food.nutrients for food in foods)
    for nutrient, amount in claimed.known():
        expected = summed.amount(nutrient)
        tolerance = max(TOTAL_TOLERANCE_UNITS, TOTAL_TOLERANCE_SHARE * expected)
        # Written so that NaN does not agree either; and nothing below 0 does, however near.
        if not max(0, expected - tolerance) <= amount <= expected + tolerance:
            yield Violation(
                f"total_nutrients.{nutrient.value}",
                text("field.total_mismatch", sum=f"{expected:g}"),
            )


def _time_violations(draft: MealDraft, now: datetime) -> Iterator[Violation]:
    if draft.time_zone is not None and calendar.zone(draft.time_zone) is None:
        yield Violation("time_zone", text("field.time_zone"))
    if draft.logged_at is None:
        return
    if draft.logged_at > now + FUTURE_MAX:
        minutes = int(FUTURE_MAX.total_seconds() // 60)
        yield Violation("logged_at", text("field.future", minutes=minutes))
    elif draft.logged_at < EARLIEST:
        yield Violation("logged_at", text("field.too_old"))


def _note_violations(note: str) -> Iterator[Violation]:
    if len(note) > NOTE_MAX_CHARACTERS:
        yield Violation("note", text("field.too_long", maximum=NOTE_MAX_CHARACTERS))
    elif has_control_characters(note.replace("\n", "").replace("\r", "").replace("\t", "")):
        yield Violation("note", text("field.control"))


def _leaf(violation: Violation) -> str:
    return violation.field.rpartition(".")[2]


def _required(name: str) -> Violation:
    return Violation(name, text("field.required"))
