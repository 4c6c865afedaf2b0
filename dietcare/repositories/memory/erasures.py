"""Erasures in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from dietcare.domain.erasure import Erasure, Spared
from dietcare.domain.ids import UserId
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.port import ErasureJournal


class MemoryErasureJournal(ErasureJournal):
    """See the port. No method awaits, so each is one atomic step."""

    def __init__(self) -> None:
        self._entries: dict[str, Erasure] = {}
        self._spared: dict[str, frozenset[str]] = {}

    async def begin(self, user_id: UserId, erasure: Erasure) -> Erasure:
        owner = UserId(canonical(user_id))
        there = self._entries.get(owner)
        if there is not None and not there.is_done:
            return there
        began_at = stored_instant(erasure.began_at)
        self._entries[owner] = replace(erasure, user_id=owner, began_at=began_at)
        self._spared[owner] = frozenset()
        return self._entries[owner]

    async def get(self, user_id: UserId) -> Erasure | None:
        return self._entries.get(canonical(user_id))

    async def count(
        self, user_id: UserId, erasure_id: str, counts: Mapping[str, int]
    ) -> Mapping[str, int]:
        there = self._of(user_id, erasure_id)
        if there is None:
            return counts
        if there.counts is None:
            self._entries[there.user_id] = there = replace(there, counts=dict(counts))
        return there.counts or {}

    async def end(self, user_id: UserId, erasure_id: str, at: datetime) -> None:
        there = self._of(user_id, erasure_id)
        if there is not None and not there.is_done:
            self._entries[there.user_id] = replace(there, erased_at=stored_instant(at))

    async def spare(self, user_id: UserId, erasure_id: str, record_id: str) -> bool:
        there = self._of(user_id, erasure_id)
        if there is None:
            return False
        self._spared[there.user_id] |= {canonical(record_id)}
        return True

    async def spared(self, user_id: UserId) -> Spared | None:
        there = await self.get(user_id)
        if there is None:
            return None
        return Spared(self._spared[there.user_id], may_start=there.is_done)

    async def remove(self, user_id: UserId, erasure_id: str) -> None:
        there = self._of(user_id, erasure_id)
        if there is not None:
            del self._entries[there.user_id], self._spared[there.user_id]

    async def everyone(self) -> Sequence[Erasure]:
        return tuple(self._entries.values())

    def _of(self, user_id: UserId, erasure_id: str) -> Erasure | None:
        there = self._entries.get(canonical(user_id))
        return there if there is not None and there.id == erasure_id else None
