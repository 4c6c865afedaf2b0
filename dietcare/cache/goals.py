"""Goals out of a cache: read through, written through.

A read may be slow and come back with goals that have been replaced meanwhile. So what is cached has
its version, and an older one never gets in over a newer one. Before goals are written, a floor goes
into the cache: an empty entry under their version. It keeps what is older out, also when this
process dies before it has cached what it wrote; it lasts longer than any read may take.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from dietcare.cache.port import GOAL_TTL_S, Cache, goal_key
from dietcare.domain.goal import Goals
from dietcare.domain.ids import UserId
from dietcare.errors import DatabaseConnectionError
from dietcare.repositories.port import GoalRepository, Spare, nothing

FLOOR_TTL_S = 60
ERASED = 2**53 - 1
"""A version above all: nothing is cached until the floor of an erasure is gone."""
_GOALS = TypeAdapter(Goals)


class CachedGoalRepository(GoalRepository):
    """Keeps the goals in force of each user for an hour; history is always read from storage."""

    def __init__(self, inner: GoalRepository, cache: Cache) -> None:
        self._inner = inner
        self._cache = cache

    async def get(self, user_id: UserId) -> Goals | None:
        cached = await self._cache.get_version(goal_key(user_id))
        if cached is not None:
            # What another release has written may not be understood, and is then written over.
            with suppress(ValidationError):
                return _GOALS.validate_json(cached)
        goals = await self._inner.get(user_id)
        if goals is not None:
            await self._keep(user_id, goals)
        return goals

    async def put(self, user_id: UserId, goals: Goals) -> bool:
        await self._raise_floor(user_id, goals.version)
        stored = await self._inner.put(user_id, goals)
        if stored:
            await self._keep(user_id, goals)
        return stored

    async def versions(self, user_id: UserId) -> Sequence[Goals]:
        return await self._inner.versions(user_id)

    async def versions_between(
        self, user_id: UserId, first: datetime, last: datetime
    ) -> Sequence[Goals]:
        in_force = await self.get(user_id)
        if in_force is None:
            return ()
        if in_force.version == 1 or in_force.updated_at <= first:
            return (in_force,)
        return await self._inner.versions_between(user_id, first, last)

    async def count(self, user_id: UserId) -> int:
        return await self._inner.count(user_id)

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        if not await self.forget(user_id):  # and when it answers again it may still have them
            raise DatabaseConnectionError
        return await self._inner.erase(user_id, spare)

    async def forget(self, user_id: UserId) -> bool:
        """Cache nothing of the user for a minute: they are being erased, here or elsewhere.

        False where the cache did not answer.
        """
        return await self._raise_floor(user_id, ERASED)

    async def _keep(self, user_id: UserId, goals: Goals) -> None:
        value = _GOALS.dump_json(replace(goals, warnings=()))  # which were of the change
        await self._cache.put_version(goal_key(user_id), goals.version, value, GOAL_TTL_S)

    async def _raise_floor(self, user_id: UserId, version: int) -> bool:
        return await self._cache.put_version(goal_key(user_id), version, b"", FLOOR_TTL_S)
