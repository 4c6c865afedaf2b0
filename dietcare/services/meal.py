"""Meals: logging, reading, changing, deleting."""

from dataclasses import dataclass

from dietcare.clock import Clock
from dietcare.domain.ids import AnalysisId, IdFactory, MealId, UserId
from dietcare.domain.meal import (
    Meal,
    MealChange,
    MealDraft,
    MealFilter,
    MealPage,
    changed_meal,
    new_meal,
)
from dietcare.domain.streak import Streak
from dietcare.errors import InvalidMealDataError, MealNotFoundError, StaleVersionError
from dietcare.repositories.port import AnalysisRepository, MealRepository
from dietcare.services.streak import StreakService

UPDATE_TRIES = 10


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
    ) -> None:
        self._meals = meals
        self._analyses = analyses
        self._streaks = streaks
        self._clock = clock
        self._new_id = new_id

    async def log(self, user_id: UserId, draft: MealDraft, zone_name: str) -> LoggedMeal:
        """Store a meal; `zone_name` is where the user is, unless the draft says otherwise.

        Raises:
            InvalidMealDataError: with every field that breaks a rule.
        """
        meal = new_meal(
            draft,
            meal_id=MealId(self._new_id()),
            user_id=user_id,
            now=self._clock.now(),
            zone_name=zone_name,
        )
        await self._check_analysis(user_id, meal.analysis_id)
        await self._meals.insert(user_id, meal)
        return LoggedMeal(
            meal, await self._streaks.logged(user_id, meal.local_date, meal.time_zone)
        )

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
        return await self._meals.page(user_id, where, skip=(page - 1) * page_size, limit=page_size)

    async def update(self, user_id: UserId, meal_id: MealId, change: MealChange) -> LoggedMeal:
        """Change the fields that `change` names; a change of nothing changes nothing.

        Raises:
            MealNotFoundError: this user has no such meal.
            InvalidMealDataError: with every field that breaks a rule.
            StaleVersionError: others keep changing it.
        """
        if not change.fields:
            meal = await self.get(user_id, meal_id)
            return LoggedMeal(meal, await self._streaks.get(user_id, meal.time_zone))
        if "analysis_id" in change.fields:
            await self._check_analysis(user_id, change.values.analysis_id)
        meal = await self._replace(user_id, meal_id, change)
        return LoggedMeal(meal, await self._streaks.changed(user_id, meal.time_zone))

    async def delete(self, user_id: UserId, meal_id: MealId, zone_name: str) -> Streak:
        """Delete a meal and return the streak after it.

        Raises:
            MealNotFoundError: this user has no such meal.
        """
        if await self._meals.delete(user_id, meal_id) is None:
            raise MealNotFoundError
        return await self._streaks.changed(user_id, zone_name)

    async def _replace(self, user_id: UserId, meal_id: MealId, change: MealChange) -> Meal:
        for _ in range(UPDATE_TRIES):
            meal = changed_meal(await self.get(user_id, meal_id), change, now=self._clock.now())
            if await self._meals.replace(user_id, meal):
                return meal
        raise StaleVersionError

    async def _check_analysis(self, user_id: UserId, analysis_id: AnalysisId | None) -> None:
        if analysis_id is None:
            return
        if await self._analyses.get(user_id, analysis_id) is None:
            raise InvalidMealDataError.of("analysis_id", "field.analysis")
