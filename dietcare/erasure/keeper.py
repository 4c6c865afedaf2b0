"""Looks after erasures while the service runs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from dietcare.domain.erasure import Erasure
from dietcare.erasure.eraser import Eraser
from dietcare.erasure.watch import FRESH_S, Watch
from dietcare.errors import DatabaseError

LOOK_EVERY_S = FRESH_S / 2

_log = logging.getLogger(__name__)


class Keeper:
    """Looks at the journal several times a second, and does what there is to do."""

    def __init__(self, watch: Watch, eraser: Eraser) -> None:
        self._watch = watch
        self._eraser = eraser
        self._tending: dict[str, asyncio.Task[None]] = {}
        self._stop = asyncio.Event()
        self._failed = False

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Until the block ends; what it does then is left, and finished at the next start."""
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._stop.set()
            running = (looking, *self._tending.values())
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def look(self) -> None:
        """Begin what there is to do now, each erasure in a task of its own."""
        for seen in await self._watch.look():
            if seen.id not in self._tending:
                task = asyncio.create_task(self._tend(seen))
                self._tending[seen.id] = task

    async def idle(self) -> None:
        """Return when nothing is being done."""
        while self._tending:
            await asyncio.wait(set(self._tending.values()))

    async def _look(self) -> None:
        # Not until it is cancelled: before Python 3.12, wait_for may lose a cancellation.
        while not self._stop.is_set():
            try:
                await self.look()
                self._failed = False
            except DatabaseError as error:
                self._tell(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._stop.wait()

    async def _tend(self, seen: Erasure) -> None:
        try:
            await self._eraser.tend(seen)
        except DatabaseError as error:
            self._tell(error)
        finally:
            del self._tending[seen.id]

    def _tell(self, error: DatabaseError) -> None:
        """Once, until it looks again: the next look tries again anyhow."""
        if not self._failed:
            self._failed = True
            _log.warning("erasures are not looked after: %s", error.reason)
