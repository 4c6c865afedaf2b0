"""The repositories behind the fence: every write that could leave something of an erased user.

What only changes what is there needs no fence: it finds nothing. Sessions and counters stay.
"""

from dataclasses import replace
from typing import Any, cast

from dietcare.domain.analysis import Analysis
from dietcare.domain.goal import Goals
from dietcare.domain.idempotency import IdempotencyRecord
from dietcare.domain.ids import UserId
from dietcare.domain.meal import Meal
from dietcare.domain.streak import Intent, StreakRecord
from dietcare.erasure.fence import Fence
from dietcare.repositories.port import (
    AnalysisRepository,
    GoalRepository,
    IdempotencyRepository,
    MealRepository,
    Repositories,
    StreakRepository,
)


class _Fenced:
    """Another repository but for what a subclass says."""

    def __init__(self, inner: Any, fence: Fence) -> None:
        self._inner = inner
        self._fence = fence

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Meals(_Fenced):
    async def insert(self, user_id: UserId, meal: Meal) -> None:
        async with self._fence.writing(user_id, meal.id):
            await self._inner.insert(user_id, meal)


class _Analyses(_Fenced):
    async def insert(self, user_id: UserId, analysis: Analysis) -> None:
        async with self._fence.writing(user_id, analysis.id):
            await self._inner.insert(user_id, analysis)


class _Goals(_Fenced):
    async def put(self, user_id: UserId, goals: Goals) -> bool:
        # Also one in vain has copied the goals before it into the history.
        async with self._fence.writing(user_id, goals.id):
            stored: bool = await self._inner.put(user_id, goals)
        return stored


class _Keys(_Fenced):
    async def insert(self, user_id: UserId, record: IdempotencyRecord) -> bool:
        async with self._fence.writing(user_id, record.result_id):
            stored: bool = await self._inner.insert(user_id, record)
        return stored


class _Streaks(_Fenced):
    async def begin(self, user_id: UserId, intent: Intent) -> StreakRecord:
        async with self._fence.writing(user_id):
            record: StreakRecord = await self._inner.begin(user_id, intent)
        return record


def fenced(stored: Repositories, fence: Fence) -> Repositories:
    """The same repositories, which refuse what comes too late."""
    return replace(
        stored,
        meals=cast(MealRepository, _Meals(stored.meals, fence)),
        analyses=cast(AnalysisRepository, _Analyses(stored.analyses, fence)),
        goals=cast(GoalRepository, _Goals(stored.goals, fence)),
        idempotency=cast(IdempotencyRepository, _Keys(stored.idempotency, fence)),
        streaks=cast(StreakRepository, _Streaks(stored.streaks, fence)),
    )
