"""Where the decorators of a vision model get their time from, so that tests can hand in theirs."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable


class Timer(ABC):
    """Monotonic seconds, and a call after some of them."""

    @abstractmethod
    def now(self) -> float:
        """Seconds since some moment; never fewer than before."""

    @abstractmethod
    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call `call` once in `seconds`, in the running event loop."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.call_later(seconds, lambda: None if over.done() else over.set_result(None))
        await over


class SystemTimer(Timer):
    """The machine's."""

    def now(self) -> float:
        return time.monotonic()

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(seconds, call)
