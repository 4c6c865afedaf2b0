"""When Redis does not answer: others count in its place, and no request waits for it."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from dietcare.domain.quota import Window
from dietcare.limits.port import CountersUnavailableError
from dietcare.repositories.port import Counters, Taken

ASKED_AGAIN_AFTER_S = 1.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Outage:
    """Whether Redis is out, as far as is known; `timer` gives monotonic seconds.

    While it is out, one call a second asks it, and no other does. Beginning and end are logged.
    """

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._out = False
        self._ask_at = 0.0

    def may_ask(self) -> bool:
        """Whether Redis is worth asking now; while it is out, who gets a yes asks for everybody."""
        if self._out:
            now = self._timer()
            if now < self._ask_at:
                return False
            self._ask_at = now + ASKED_AGAIN_AFTER_S
        return True

    def failed(self, error: Exception) -> None:
        """Redis did not answer."""
        self._ask_at = self._timer() + ASKED_AGAIN_AFTER_S
        if not self._out:
            self._out = True
            _log.error("redis does not answer (%s): limits are counted without it", error)

    def answered(self) -> None:
        """Redis answered."""
        if self._out:
            self._out = False
            _log.warning("redis answers again: limits are counted there")


class FallbackCounters(Counters):
    """`first`, or while it is out `second`, which starts from what it counted itself.

    A unit goes back to whichever counted it: `Taken.by` says which. `on_fallback` is told of every
    call that `second` answers.
    """

    def __init__(
        self,
        first: Counters,
        second: Counters,
        outage: Outage,
        on_fallback: Callable[[], None],
    ) -> None:
        self._first = first
        self._second = second
        self._outage = outage
        self._on_fallback = on_fallback

    async def take(self, user_id: str, window: Window, maximum: int, now: datetime) -> Taken | None:
        return await self._either(lambda counters: counters.take(user_id, window, maximum, now))

    async def give_back(self, user_id: str, window: Window, now: datetime) -> int:
        raise AssertionError("a unit goes back to the counters that Taken.by names")

    async def count(self, user_id: str, window: Window, now: datetime) -> int:
        return await self._either(lambda counters: counters.count(user_id, window, now))

    async def _either(self, ask: Callable[[Counters], Awaitable[T]]) -> T:
        if self._outage.may_ask():
            try:
                answer = await ask(self._first)
            except CountersUnavailableError as error:
                self._outage.failed(error)
            else:
                self._outage.answered()
                return answer
        self._on_fallback()
        return await ask(self._second)
