"""Goals out of a cache: read through, written through."""

from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from dietcare.cache.port import GOAL_TTL_S, Cache, goal_key
from dietcare.domain.goal import Goals
from dietcare.domain.ids import UserId
from dietcare.repositories.port import GoalRepository

_GOALS = TypeAdapter(Goals)


class CachedGoalRepository(GoalRepository):
    """Keeps the goals in force of each user for an hour; history is always read from storage."""

    def __init__(self, inner: GoalRepository, cache: Cache) -> None:
        self._inner = inner
        self._cache = cache

    async def get(self, user_id: UserId) -> Goals | None:
        cached = await self._cache.get(goal_key(user_id))
        if cached is not None:
            try:
                return _GOALS.validate_json(cached)
            except ValidationError:
                await self._cache.drop(goal_key(user_id))  # written by another release
        goals = await self._inner.get(user_id)
        if goals is not None:
            await self._keep(user_id, goals)
        return goals

    async def put(self, user_id: UserId, goals: Goals) -> bool:
        stored = await self._inner.put(user_id, goals)
        if stored:
            await self._keep(user_id, goals)
        else:
            await self._cache.drop(goal_key(user_id))
        return stored

    async def versions(self, user_id: UserId) -> Sequence[Goals]:
        return await self._inner.versions(user_id)

    async def erase(self, user_id: UserId) -> int:
        erased = await self._inner.erase(user_id)
        await self._cache.drop(goal_key(user_id))
        return erased

    async def _keep(self, user_id: UserId, goals: Goals) -> None:
        await self._cache.put(goal_key(user_id), _GOALS.dump_json(goals), GOAL_TTL_S)
