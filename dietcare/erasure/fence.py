"""Keeps writes out that began before an erasure and come after it, and ends exports that did."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from dietcare.domain.ids import UserId
from dietcare.erasure.eraser import Eraser
from dietcare.erasure.watch import Watch
from dietcare.errors import ErasedMeanwhileError
from dietcare.repositories.port import ErasureJournal

_entered: ContextVar[tuple[str, str | None] | None] = ContextVar("entered", default=None)
"""Of the call that is served: its user, and the last erasure of theirs before it."""


def last_erasure(user_id: UserId) -> str | None:
    """The one that this task's call noted as it began; None for none, or no such call."""
    entered = _entered.get()
    return entered[1] if entered is not None and entered[0] == user_id.lower() else None


class Fence:
    """A call that writes notes the last erasure before it; each of its writes asks for a later one.

    What was written in vain is deleted again, with all else that came late. Who dies before that
    leaves it to the end of the erasure, which is after the last of such calls.
    """

    def __init__(self, watch: Watch, journal: ErasureJournal, eraser: Eraser) -> None:
        self._watch = watch
        self._journal = journal
        self._eraser = eraser

    async def enter(self, user_id: UserId) -> None:
        """Begin a call of this task that writes, or exports; finishes an erasure that goes on."""
        last = await self._watch.of(user_id)
        if last is not None and not last.is_done:
            await self._eraser.resume(user_id)
        _entered.set((user_id.lower(), None if last is None else last.id))

    @asynccontextmanager
    async def writing(self, user_id: UserId, record_id: str | None = None) -> AsyncIterator[None]:
        """Around one write; `record_id` is what it makes.

        Raises:
            ErasedMeanwhileError: the user was erased since the call began; nothing of it is left.
        """
        last = await self._last(user_id)
        if last is not None and record_id is not None:
            await self._spare(user_id, last, record_id)
        yield
        found = await self._watch.of(user_id)
        if found is not None and found.id != last:
            await self._eraser.sweep(user_id)
            raise ErasedMeanwhileError

    async def still(self, user_id: UserId) -> None:
        """Before more is shown of what a call of this task reads.

        Raises:
            ErasedMeanwhileError: the user was erased since the call began.
        """
        found = await self._watch.of(user_id)
        if found is not None and found.id != await self._last(user_id):
            raise ErasedMeanwhileError

    async def _last(self, user_id: UserId) -> str | None:
        """The last erasure before the call; before this write where no call has begun."""
        entered = _entered.get()
        if entered is not None and entered[0] == user_id.lower():
            return entered[1]
        found = await self._watch.of(user_id)
        return None if found is None else found.id

    async def _spare(self, user_id: UserId, last: str, record_id: str) -> None:
        if await self._journal.spare(user_id, last, record_id):
            return
        # It is forgotten, and so deletes nothing any more; or the user was erased again.
        if await self._journal.get(user_id) is not None:
            raise ErasedMeanwhileError
