"""Goals in this process."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dietcare.domain.goal import Goals
from dietcare.domain.ids import GoalId, UserId
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.memory.held import erase_from
from dietcare.repositories.port import GoalRepository, Spare, nothing


class MemoryGoalRepository(GoalRepository):
    """See the port. The goals in force are the last of a user's versions."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Goals]] = {}

    async def get(self, user_id: UserId) -> Goals | None:
        return self._in_force(canonical(user_id))

    async def put(self, user_id: UserId, goals: Goals) -> bool:
        stored = _stored(user_id, goals)
        before = self._in_force(stored.user_id)
        if (before is None) != (stored.version == 1):
            return False
        if before is not None and (before.id, before.version) != (stored.id, stored.version - 1):
            return False
        self._versions.setdefault(stored.user_id, []).append(stored)
        return True

    async def versions(self, user_id: UserId) -> Sequence[Goals]:
        return tuple(self._versions.get(canonical(user_id), ()))

    async def versions_between(
        self, user_id: UserId, first: datetime, last: datetime
    ) -> Sequence[Goals]:
        versions = self._versions.get(canonical(user_id), [])
        held = [index for index, each in enumerate(versions) if each.updated_at <= first]
        start = held[-1] if held else 0
        later = [each for each in versions[start + 1 :] if each.updated_at <= last]
        return (*versions[start : start + 1], *later)

    async def count(self, user_id: UserId) -> int:
        return 0 if self._in_force(canonical(user_id)) is None else 1

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        owner = canonical(user_id)
        in_force = self._in_force(owner)
        held = {} if in_force is None else {owner: in_force.id}
        return await erase_from(self._versions, held, spare)

    def _in_force(self, user_id: str) -> Goals | None:
        versions = self._versions.get(user_id)
        return versions[-1] if versions else None


def _stored(user_id: UserId, goals: Goals) -> Goals:
    """The goals as they come back from MongoDB."""
    return replace(
        goals,
        id=GoalId(canonical(goals.id)),
        user_id=UserId(canonical(user_id)),
        updated_at=stored_instant(goals.updated_at),
        warnings=(),
    )
