"""Goals out of a cache: read through, written through."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from dietcare.cache.port import GOAL_TTL_S, Cache, goal_key
from dietcare.domain.goal import Goals
from dietcare.domain.ids import UserId
from dietcare.repositories.port import GoalRepository

# Longer than any call lasts.
BAR_S = 120
LAST_VERSION = 2**53 - 1  # the largest integer of Redis' scripts

_GOALS = TypeAdapter(Goals)


class CachedGoalRepository(GoalRepository):
    """Keeps the goals in force of each user for an hour; history is always read from storage.

    Each value carries its version, so that a slow reader never covers a newer one.
    """

    def __init__(self, inner: GoalRepository, cache: Cache) -> None:
        self._inner = inner
        self._cache = cache

    async def get(self, user_id: UserId) -> Goals | None:
        cached = await self._cache.get(goal_key(user_id))
        if cached:
            try:
                return _GOALS.validate_json(cached)
            except ValidationError:
                await self._cache.drop(goal_key(user_id))  # written by another release
        goals = await self._inner.get(user_id)
        if goals is not None:
            await self._keep(user_id, goals)
        return goals

    async def put(self, user_id: UserId, goals: Goals) -> bool:
        await self._bar(user_id, goals.version)
        stored = await self._inner.put(user_id, goals)
        if stored:
            await self._keep(user_id, goals)
        return stored

    async def versions(self, user_id: UserId) -> Sequence[Goals]:
        return await self._inner.versions(user_id)

    async def erase(self, user_id: UserId) -> int:
        await self._bar(user_id, LAST_VERSION)
        erased = await self._inner.erase(user_id)
        await self._bar(user_id, LAST_VERSION)
        return erased

    async def _keep(self, user_id: UserId, goals: Goals) -> None:
        # As storage has them: what a change brought up belongs to its answer alone.
        value = _GOALS.dump_json(replace(goals, warnings=()))
        await self._cache.put(goal_key(user_id), value, GOAL_TTL_S, goals.version)

    async def _bar(self, user_id: UserId, version: int) -> None:
        """Forget what is older, and keep out for a while who read it before it changed."""
        await self._cache.put(goal_key(user_id), b"", BAR_S, version)
