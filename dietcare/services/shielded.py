"""Work of several steps that goes on when its caller is gone: half of it would be wrong."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from dietcare.errors import DatabaseConnectionError

TIMEOUT_S = 10.0
"""Longer than any RPC that writes may take: what ends the work is its steps' own timeouts."""

T = TypeVar("T")


class Shielded:
    """Runs work to its end whatever becomes of the call that asked for it."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work`; who is cancelled here stops waiting, and the work goes on.

        Raises:
            DatabaseConnectionError: it took longer than it may.
        """
        task = asyncio.create_task(self._limited(work))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        """What fails when its caller is gone is not worth a word of asyncio's."""
        self._running.discard(task)
        if not task.cancelled():
            task.exception()

    async def drain(self) -> None:
        """Return when nothing runs any more; what fails meanwhile has nobody to tell."""
        while self._running:
            await asyncio.wait(set(self._running))

    async def _limited(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await work
        except TimeoutError as error:
            raise DatabaseConnectionError from error
