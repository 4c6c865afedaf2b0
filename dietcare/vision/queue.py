"""A fair queue in front of a model: so many calls at once, and so many a minute."""

import asyncio
from collections import deque
from collections.abc import Callable

from dietcare.vision.port import Picture, Sighting, VisionModel
from dietcare.vision.timer import Timer

MINUTE_S = 60.0


class QueuedVisionModel(VisionModel):
    """At most `concurrency` calls at once, and `per_minute` begun in any 60 s.

    First come, first served. Whoever is cancelled, by their deadline say, leaves the queue at
    once. `on_wait` is told how many seconds each call has waited for its turn.
    """

    def __init__(
        self,
        inner: VisionModel,
        timer: Timer,
        *,
        concurrency: int,
        per_minute: int,
        on_wait: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._inner = inner
        self._timer = timer
        self._concurrency = concurrency
        self._on_wait = on_wait
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._running = 0
        self._begun: deque[float] = deque([float("-inf")] * per_minute, maxlen=per_minute)
        self._will_wake = False

    @property
    def length(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    async def look(self, picture: Picture) -> Sighting:
        await self._turn()
        try:
            return await self._inner.look(picture)
        finally:
            self._leave()

    def turn_away(self, error: Callable[[], Exception]) -> None:
        """Let everybody who waits fail now, each with an `error` of their own."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(error())

    async def _turn(self) -> None:
        came = self._timer.now()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._admit()
        try:
            await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif not turn.cancelled() and turn.exception() is None:  # it was their turn just now
                self._leave()
            raise
        self._on_wait(self._timer.now() - came)

    def _leave(self) -> None:
        self._running -= 1
        # Not at once: where the call has failed, a breaker around this queue hears of it first,
        # and may turn everybody away.
        asyncio.get_running_loop().call_soon(self._admit)

    def _admit(self) -> None:
        while self._waiting and self._running < self._concurrency:
            now = self._timer.now()
            wait_s = self._begun[0] + MINUTE_S - now
            if wait_s > 0:
                self._wake_in(wait_s)
                return
            turn = self._waiting.popleft()
            if not turn.done():
                self._begun.append(now)
                self._running += 1
                turn.set_result(None)

    def _wake_in(self, seconds: float) -> None:
        if not self._will_wake:
            self._will_wake = True
            self._timer.call_later(seconds, self._wake)

    def _wake(self) -> None:
        self._will_wake = False
        self._admit()
