"""Streaks in this process."""

from dataclasses import replace

from dietcare.domain.ids import UserId
from dietcare.domain.streak import HISTORY_DAYS, StreakRecord
from dietcare.repositories.identity import canonical
from dietcare.repositories.port import StreakRepository


class MemoryStreakRepository(StreakRepository):
    """See the port."""

    def __init__(self) -> None:
        self._by_user: dict[str, StreakRecord] = {}

    async def get(self, user_id: UserId) -> StreakRecord | None:
        return self._by_user.get(canonical(user_id))

    async def put(self, user_id: UserId, record: StreakRecord) -> bool:
        owner = canonical(user_id)
        before = self._by_user.get(owner)
        if (before.revision + 1 if before is not None else 1) != record.revision:
            return False
        self._by_user[owner] = replace(record, history=record.history[:HISTORY_DAYS])
        return True

    async def erase(self, user_id: UserId) -> int:
        return 0 if self._by_user.pop(canonical(user_id), None) is None else 1
