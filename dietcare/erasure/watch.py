"""Who is being erased, as this process last looked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from dietcare.domain.erasure import Erasure
from dietcare.domain.ids import UserId
from dietcare.repositories.port import ErasureJournal

FRESH_S = 0.5
"""How old what is known may be; an erasure waits as long before it deletes anything."""
MARGIN_S = 0.05

OnBegun = Callable[[UserId], Awaitable[object]]


class Watch:
    """Spares calls a read each: what is known was read at most `fresh_s` before it is used.

    Whoever begins an erasure waits as long, once it is in the journal. So what is written by
    somebody who has not seen it was there before anything was deleted, and is deleted too.

    `timer` gives monotonic seconds; `on_begun` is told of every erasure that is seen first.
    """

    def __init__(
        self,
        journal: ErasureJournal,
        timer: Callable[[], float],
        *,
        fresh_s: float = FRESH_S,
        on_begun: OnBegun | None = None,
    ) -> None:
        self._journal = journal
        self._timer = timer
        self._fresh_s = fresh_s
        self._on_begun = on_begun
        self._seen: Mapping[str, Erasure] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def of(self, user_id: UserId) -> Erasure | None:
        """The user's erasure, one that goes on or ended a moment ago."""
        if self._is_old():
            async with self._reading:
                if self._is_old():
                    await self._read()
        return self._seen.get(user_id.lower())

    async def look(self) -> Sequence[Erasure]:
        """Everybody's, read now."""
        async with self._reading:
            await self._read()
        return tuple(self._seen.values())

    def expire(self) -> None:
        """Read anew before anything is told: this process has just written."""
        self._read_at = float("-inf")

    async def until_seen(self) -> None:
        """Return when every process knows of what is in the journal now."""
        if self._fresh_s:
            await asyncio.sleep(self._fresh_s + MARGIN_S)

    def _is_old(self) -> bool:
        return self._timer() - self._read_at >= self._fresh_s

    async def _read(self) -> None:
        began = self._timer()
        before = {each.id for each in self._seen.values()}
        self._seen = {each.user_id: each for each in await self._journal.everyone()}
        for each in self._seen.values():
            if self._on_begun is not None and each.id not in before:
                await self._on_begun(each.user_id)
        self._read_at = began
