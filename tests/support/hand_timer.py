"""A timer that stands still until a test moves it."""

import heapq
from collections.abc import Callable
from itertools import count

from dietcare.vision.timer import Timer


class HandTimer(Timer):
    """`naps` are the pauses that were asked for, in order."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self._calls: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self.naps: list[float] = []

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        self.naps.append(seconds)
        heapq.heappush(self._calls, (self._now + seconds, next(self._number), call))

    def advance(self, seconds: float) -> None:
        """Let time pass, and make the calls that fall due."""
        end = self._now + seconds
        while self._calls and self._calls[0][0] <= end:
            self._now, _, call = heapq.heappop(self._calls)
            call()
        self._now = end


class RestlessTimer(HandTimer):
    """A pause is over as soon as it is asked for."""

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        super().call_later(seconds, call)
        self.advance(seconds)
