"""Streaks in this process."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dietcare.domain.ids import UserId
from dietcare.domain.streak import HISTORY_DAYS, Intent, StreakRecord
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.port import StreakRepository


class MemoryStreakRepository(StreakRepository):
    """See the port. No method awaits, so each is one atomic step."""

    def __init__(self) -> None:
        self._by_user: dict[str, StreakRecord] = {}

    async def get(self, user_id: UserId) -> StreakRecord | None:
        record = self._by_user.get(canonical(user_id))
        return None if record is None else replace(record, history=())

    async def history(self, user_id: UserId) -> Sequence[date]:
        return self._by_user.get(canonical(user_id), StreakRecord()).history

    async def begin(self, user_id: UserId, intent: Intent) -> StreakRecord:
        before = self._by_user.get(canonical(user_id), StreakRecord())
        stored = Intent(intent.id, stored_instant(intent.at))
        begun = replace(before, intents=(*before.intents, stored), revision=before.revision + 1)
        self._by_user[canonical(user_id)] = begun
        return replace(begun, history=())

    async def settle(
        self, user_id: UserId, intent_id: str, record: StreakRecord, *, whole: bool
    ) -> bool:
        owner = canonical(user_id)
        before = self._by_user.get(owner)
        if before is None or before.revision + 1 != record.revision:
            return False
        if intent_id not in {each.id for each in before.intents}:
            return False
        history = record.history if whole else (*record.history, *before.history)
        self._by_user[owner] = replace(record, history=history[:HISTORY_DAYS])
        return True

    async def leave(self, user_id: UserId, intent_id: str) -> None:
        owner = canonical(user_id)
        before = self._by_user.get(owner)
        if before is not None:
            self._by_user[owner] = replace(
                before,
                intents=tuple(each for each in before.intents if each.id != intent_id),
                meals_total=None,
                revision=before.revision + 1,
            )

    async def remove(self, user_id: UserId, revision: int) -> bool:
        there = self._by_user.get(canonical(user_id))
        if there is None or there.revision != revision:
            return False
        del self._by_user[canonical(user_id)]
        return True
