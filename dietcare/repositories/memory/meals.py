"""Meals in this process."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from dietcare.domain.ids import AnalysisId, MealId, UserId
from dietcare.domain.meal import Eaten, Intake, Meal, MealCursor, MealFilter, MealPage
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.memory.held import erase_from
from dietcare.repositories.port import DuplicateMealError, MealRepository, Spare, nothing


class MemoryMealRepository(MealRepository):
    """See the port. No method awaits, so each is one atomic step."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[str, Meal]] = {}
        self._owners: dict[str, str] = {}

    async def insert(self, user_id: UserId, meal: Meal) -> None:
        stored = _stored(user_id, meal)
        owner = self._owners.setdefault(stored.id, stored.user_id)
        if owner != stored.user_id:
            raise DatabaseQueryError
        there = self._of(user_id).setdefault(stored.id, stored)
        if there is not stored:
            raise DuplicateMealError(there)

    async def get(self, user_id: UserId, meal_id: MealId) -> Meal | None:
        return self._of(user_id).get(canonical(meal_id))

    async def replace(self, user_id: UserId, meal: Meal) -> bool:
        stored = _stored(user_id, meal)
        there = self._of(user_id).get(stored.id)
        if there is None or there.version != stored.version - 1:
            return False
        self._of(user_id)[stored.id] = stored
        return True

    async def delete(
        self, user_id: UserId, meal_id: MealId, *, versions: frozenset[int] | None = None
    ) -> Meal | None:
        there = self._of(user_id).get(canonical(meal_id))
        if there is None or (versions is not None and there.version not in versions):
            return None
        del self._of(user_id)[there.id], self._owners[there.id]
        return there

    async def page(
        self,
        user_id: UserId,
        where: MealFilter,
        *,
        skip: int,
        limit: int,
        total: int | None = None,
    ) -> MealPage:
        listed = self._newest_first(user_id, where)
        return _page(listed, listed[skip:], limit)

    async def page_after(
        self,
        user_id: UserId,
        where: MealFilter,
        cursor: MealCursor,
        *,
        limit: int,
        total: int | None = None,
    ) -> MealPage:
        listed = self._newest_first(user_id, where)
        place = (stored_instant(cursor.logged_at), canonical(cursor.meal_id))
        return _page(listed, [meal for meal in listed if _place(meal) < place], limit)

    async def between(self, user_id: UserId, first: date, last: date) -> Sequence[Intake]:
        meals = self._of(user_id).values()
        found = sorted((meal for meal in meals if first <= meal.local_date <= last), key=_place)
        return [_intake(meal) for meal in found]

    async def tally(self, user_id: UserId) -> Mapping[date, int]:
        return Counter(meal.local_date for meal in self._of(user_id).values())

    async def all(self, user_id: UserId) -> AsyncGenerator[Meal, None]:
        for meal in sorted(self._of(user_id).values(), key=_place):
            yield meal

    async def count(self, user_id: UserId) -> int:
        return len(self._of(user_id))

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        held = {meal_id: meal_id for meal_id in self._of(user_id)}
        erased = await erase_from(self._of(user_id), held, spare)
        for meal_id in held.keys() - self._of(user_id).keys():
            self._owners.pop(meal_id, None)
        return erased

    def _of(self, user_id: UserId) -> dict[str, Meal]:
        return self._by_user.setdefault(canonical(user_id), {})

    def _newest_first(self, user_id: UserId, where: MealFilter) -> list[Meal]:
        matching = (meal for meal in self._of(user_id).values() if _matches(meal, where))
        return sorted(matching, key=_place, reverse=True)


def _stored(user_id: UserId, meal: Meal) -> Meal:
    """The meal as it comes back from MongoDB."""
    analysis_id = meal.analysis_id
    return replace(
        meal,
        id=MealId(canonical(meal.id)),
        user_id=UserId(canonical(user_id)),
        analysis_id=None if analysis_id is None else AnalysisId(canonical(analysis_id)),
        logged_at=stored_instant(meal.logged_at),
        created_at=stored_instant(meal.created_at),
        updated_at=stored_instant(meal.updated_at),
    )


def _intake(meal: Meal) -> Intake:
    foods = tuple(Eaten(food.name, food.nutrients) for food in meal.foods)
    return Intake(meal.local_date, meal.total_nutrients, foods)


def _place(meal: Meal) -> tuple[datetime, str]:
    return meal.logged_at, meal.id


def _page(listed: Sequence[Meal], rest: Sequence[Meal], limit: int) -> MealPage:
    return MealPage(tuple(rest[:limit]), len(listed), has_more=len(rest) > limit)


def _matches(meal: Meal, where: MealFilter) -> bool:
    return (
        where.meal_type in (None, meal.meal_type)
        and (where.first_date is None or where.first_date <= meal.local_date)
        and (where.last_date is None or meal.local_date <= where.last_date)
        and (where.first_instant is None or where.first_instant <= meal.logged_at)
        and (where.last_instant is None or meal.logged_at <= where.last_instant)
    )
