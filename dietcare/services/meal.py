"""Meals: logging, reading, changing, deleting."""

from dataclasses import dataclass
from functools import partial

from dietcare.clock import Clock
from dietcare.domain.idempotency import Attempt
from dietcare.domain.ids import AnalysisId, IdFactory, MealId, UserId
from dietcare.domain.meal import (
    Meal,
    MealChange,
    MealCursor,
    MealDraft,
    MealFilter,
    MealPage,
    change_violations,
    changed_meal,
    draft_violations,
    new_meal,
)
from dietcare.domain.streak import Streak
from dietcare.errors import MealNotFoundError, StaleVersionError, Violation
from dietcare.messages import text
from dietcare.repositories.port import (
    AnalysisRepository,
    DuplicateMealError,
    IdempotencyRepository,
    MealRepository,
)
from dietcare.services.bookkeeping import Changed, Did
from dietcare.services.streak import StreakService

UPDATE_TRIES = 10
LOGGING = "LogMeal"
"""What idempotency keys of logged meals are for."""

Versions = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class LoggedMeal:
    """A meal as stored, and the streak after it."""

    meal: Meal
    streak: Streak


class MealService:
    """A user's meals; every change keeps the streak right."""

    def __init__(
        self,
        meals: MealRepository,
        analyses: AnalysisRepository,
        streaks: StreakService,
        clock: Clock,
        new_id: IdFactory,
        keys: IdempotencyRepository,
    ) -> None:
        self._keys = keys
        self._meals = meals
        self._analyses = analyses
        self._streaks = streaks
        self._clock = clock
        self._new_id = new_id

    async def log(
        self, user_id: UserId, draft: MealDraft, zone_name: str, attempt: Attempt | None = None
    ) -> LoggedMeal:
        """Store a meal; `zone_name` is where the user is, unless the draft says otherwise.

        What an earlier try has stored is not stored again, even where it is deleted since.

        Raises:
            InvalidMealDataError: with every field that breaks a rule.
        """
        attempt = attempt or Attempt(self._new_id(), self._clock.now())
        if attempt.resumed:
            there = await self._meals.get(user_id, MealId(attempt.id))
            if there is not None:
                return await self._with_streak(there)
        meal = new_meal(
            draft,
            meal_id=MealId(attempt.id),
            user_id=user_id,
            now=attempt.at,
            zone_name=zone_name,
            refused=await self._analysis_violations(user_id, draft.analysis_id),
        )
        if attempt.is_deleted:
            return await self._with_streak(meal)
        insert = partial(self._insert, user_id, meal)
        return LoggedMeal(*await self._streaks.changing(user_id, meal.time_zone, insert))

    async def was_logged(self, user_id: UserId, attempt: Attempt) -> bool:
        """Whether an earlier try has stored its meal."""
        there = await self._meals.get(user_id, MealId(attempt.id))
        return there is not None or attempt.is_deleted

    def draft_violations(self, draft: MealDraft) -> list[Violation]:
        """What of a draft breaks a rule now."""
        return draft_violations(draft, self._clock.now())

    def change_violations(self, change: MealChange) -> list[Violation]:
        """What of a change breaks a rule now."""
        return change_violations(change, self._clock.now())

    async def get(self, user_id: UserId, meal_id: MealId) -> Meal:
        """One meal.

        Raises:
            MealNotFoundError: this user has no such meal.
        """
        meal = await self._meals.get(user_id, meal_id)
        if meal is None:
            raise MealNotFoundError
        return meal

    async def page(self, user_id: UserId, where: MealFilter, page: int, page_size: int) -> MealPage:
        """Page `page` (from 1) of the meals, newest first."""
        total, skip = await self._total(user_id, where), (page - 1) * page_size
        return await self._meals.page(user_id, where, skip=skip, limit=page_size, total=total)

    async def page_after(
        self, user_id: UserId, where: MealFilter, cursor: MealCursor, page_size: int
    ) -> MealPage:
        """The page of the meals, newest first, that begins after `cursor`."""
        total = await self._total(user_id, where)
        return await self._meals.page_after(user_id, where, cursor, limit=page_size, total=total)

    async def update(
        self,
        user_id: UserId,
        meal_id: MealId,
        change: MealChange,
        *,
        versions: Versions = None,
        attempt: Attempt | None = None,
    ) -> LoggedMeal:
        """Change the fields that `change` names; a change of nothing changes nothing.

        The meal must be of one of `versions`, where they are given. What an earlier try has
        changed is not changed again.

        Raises:
            MealNotFoundError: this user has no such meal.
            InvalidMealDataError: with every field that breaks a rule.
            StaleVersionError: it is of another version, or others keep changing it.
        """
        change_id = attempt.id if attempt is not None else None
        named = change.values.analysis_id if "analysis_id" in change.fields else None
        refused = await self._analysis_violations(user_id, named)
        for _ in range(UPDATE_TRIES):
            before = await self.get(user_id, meal_id)
            if change_id in before.applied:
                return await self._with_streak(before)
            _check_version(before, versions)
            if not change.fields:
                return await self._with_streak(before)
            now = self._clock.now()
            meal = changed_meal(before, change, now=now, change_id=change_id, refused=refused)
            changed = await self._replaced(user_id, before, meal)
            if changed is not None:
                return changed
        raise StaleVersionError

    async def delete(
        self, user_id: UserId, meal_id: MealId, zone_name: str, *, versions: Versions = None
    ) -> Streak:
        """Delete a meal, of one of `versions` where they are given; return the streak after it.

        Raises:
            MealNotFoundError: this user has no such meal.
            StaleVersionError: it is of another version.
        """
        _check_version(await self.get(user_id, meal_id), versions)
        # Who logged it may have died before the answer, and a retry must not log it again.
        await self._keys.note_deleted(user_id, LOGGING, meal_id)
        delete = partial(self._delete, user_id, meal_id, versions)
        deleted, streak = await self._streaks.changing(user_id, zone_name, delete)
        if not deleted:
            _check_version(await self.get(user_id, meal_id), versions)
            raise StaleVersionError
        return streak

    async def _replaced(self, user_id: UserId, before: Meal, meal: Meal) -> LoggedMeal | None:
        """`meal` stored over `before`; None where others have changed it meanwhile."""
        if meal.local_date != before.local_date:
            move = partial(self._move, user_id, meal)
            moved, streak = await self._streaks.changing(user_id, meal.time_zone, move)
            return LoggedMeal(meal, streak) if moved else None
        if not await self._meals.replace(user_id, meal):
            return None
        return await self._with_streak(meal)

    async def _insert(self, user_id: UserId, meal: Meal) -> Changed[Meal]:
        try:
            await self._meals.insert(user_id, meal)
        except DuplicateMealError as stored:  # by an earlier try, which may have come no further
            return Changed(stored.meal, Did.ANYTHING)
        return Changed(meal, meal.local_date)

    async def _move(self, user_id: UserId, meal: Meal) -> Changed[bool]:
        moved = await self._meals.replace(user_id, meal)
        return Changed(moved, Did.ANYTHING if moved else Did.NOTHING)

    async def _delete(self, user_id: UserId, meal_id: MealId, versions: Versions) -> Changed[bool]:
        deleted = await self._meals.delete(user_id, meal_id, versions=versions) is not None
        return Changed(deleted, Did.ANYTHING if deleted else Did.NOTHING)

    async def _with_streak(self, meal: Meal) -> LoggedMeal:
        return LoggedMeal(meal, await self._streaks.get(meal.user_id, meal.time_zone))

    async def _total(self, user_id: UserId, where: MealFilter) -> int | None:
        """The size of the list where it is known without counting."""
        return await self._streaks.meals_total(user_id) if where == MealFilter() else None

    async def _analysis_violations(
        self, user_id: UserId, analysis_id: AnalysisId | None
    ) -> list[Violation]:
        if analysis_id is None or await self._analyses.get(user_id, analysis_id) is not None:
            return []
        return [Violation("analysis_id", text("field.analysis"))]


def _check_version(meal: Meal, versions: Versions) -> None:
    if versions is not None and meal.version not in versions:
        raise StaleVersionError
