"""Writes the audit log in time: nothing is shown or changed before it is known who asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from dietcare.clock import Clock
from dietcare.domain.audit import AuditEntry, Outcome
from dietcare.domain.ids import UserId
from dietcare.errors import DatabaseError
from dietcare.repositories.port import AuditLog
from dietcare.services.shielded import Shielded


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody is about to use a user's records; see `AuditEntry` for what each field is."""

    user_id: UserId
    subject: str
    action: str
    request_id: str


class AuditService:
    """A use that can not be recorded does not happen: DatabaseError before it begins."""

    def __init__(self, log: AuditLog, clock: Clock, shielded: Shielded) -> None:
        self._log = log
        self._clock = clock
        self._shielded = shielded

    async def granted(self, use: Use) -> None:
        """Record that `use` may begin; call it before it does."""
        await self._append(use, Outcome.GRANTED)

    @asynccontextmanager
    async def to_its_end(self, use: Use) -> AsyncIterator[None]:
        """Around an export or an erasure: it may begin, then it is done or has failed.

        What was left half-way, by its caller too, has failed.
        """
        await self.granted(use)
        try:
            yield
        except BaseException:
            with suppress(DatabaseError):  # without an end in the log it is not done either
                await self._shielded.run(self._append(use, Outcome.FAILED))
            raise
        await self._append(use, Outcome.DONE)

    async def _append(self, use: Use, outcome: Outcome) -> None:
        entry = AuditEntry(
            use.user_id, use.subject, use.action, use.request_id, outcome, self._clock.now()
        )
        await self._log.append(use.user_id, entry)
