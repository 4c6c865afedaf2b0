"""The audit log in this process."""

from collections.abc import AsyncIterator
from dataclasses import replace

from dietcare.domain.audit import AuditEntry
from dietcare.domain.ids import UserId
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.port import AuditLog


class MemoryAuditLog(AuditLog):
    """See the port."""

    def __init__(self) -> None:
        self._by_user: dict[str, list[AuditEntry]] = {}

    async def append(self, user_id: UserId, entry: AuditEntry) -> None:
        owner = UserId(canonical(user_id))
        stored = replace(entry, user_id=owner, at=stored_instant(entry.at))
        self._by_user.setdefault(owner, []).append(stored)

    async def all(self, user_id: UserId) -> AsyncIterator[AuditEntry]:
        entries = self._by_user.get(canonical(user_id), ())
        for entry in sorted(entries, key=lambda each: each.at):
            yield entry
