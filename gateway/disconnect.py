"""Ends a block of work when its client goes away."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any

from gateway.asgi import Receive

# Most calls are over before this; only those that take longer pay for a task that watches.
_WATCH_AFTER_S = 0.02


class Disconnected(Exception):  # noqa: N818 - an event, and nobody's error
    """The client is gone: there is nobody to answer."""


class WhileConnected:
    """`with WhileConnected(receive):` cancels the block when the client disconnects.

    Raises:
        Disconnected: it did.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._has_left = False
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        self._work = _running_task()
        self._cancelling = self._work.cancelling()
        self._timer = asyncio.get_running_loop().call_later(_WATCH_AFTER_S, self._start)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
        # As asyncio.timeout does, which costs twice as much: where others cancelled the task too,
        # it stays cancelled.
        is_ours = self._has_left and self._work.uncancel() <= self._cancelling
        if is_ours and kind is asyncio.CancelledError:
            raise Disconnected from None

    def _start(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._has_left = True
        self._work.cancel()


def _running_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a task is needed: there is nothing else to cancel")
    return task
