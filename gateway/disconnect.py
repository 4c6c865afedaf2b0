"""Ends a block of work when its client goes away."""

from __future__ import annotations

import asyncio
from types import TracebackType

from gateway.asgi import Receive

# Most calls are over before this; only those that take longer pay for a task that watches.
_WATCH_AFTER_S = 0.02


class Disconnected(Exception):  # noqa: N818 - an event, and nobody's error
    """The client is gone: there is nobody to answer."""


class WhileConnected:
    """`async with WhileConnected(receive):` cancels the block when the client disconnects.

    Raises:
        Disconnected: it did.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        # A timeout that is only ever set off by hand: it does the bookkeeping of cancellation.
        self._scope = asyncio.timeout(None)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        await self._scope.__aenter__()
        self._timer = asyncio.get_running_loop().call_later(_WATCH_AFTER_S, self._start)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
        try:
            await self._scope.__aexit__(kind, error, traceback)
        except TimeoutError:
            raise Disconnected from None

    def _start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._scope.reschedule(asyncio.get_running_loop().time())
