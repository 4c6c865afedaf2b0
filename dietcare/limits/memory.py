"""Counters in this process, for where it is the only one."""

from datetime import datetime

from dietcare.clock import Clock
from dietcare.limits.port import Counters

SWEEP_EVERY = 1_000


class MemoryCounters(Counters):
    """Atomic, since no step awaits anything in between."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, datetime]] = {}
        self._takes = 0

    async def take(self, key: str, maximum: int, expires_at: datetime) -> int | None:
        self._sweep()
        count = self._current(key) + 1
        if count > maximum:
            return None
        self._counts[key] = (count, expires_at)
        return count

    async def give_back(self, key: str) -> int:
        count = max(0, self._current(key) - 1)
        if key in self._counts:
            self._counts[key] = (count, self._counts[key][1])
        return count

    async def count(self, key: str) -> int:
        return self._current(key)

    def _current(self, key: str) -> int:
        count, expires_at = self._counts.get(key, (0, None))
        return count if expires_at is not None and expires_at > self._clock.now() else 0

    def _sweep(self) -> None:
        """Forget what has expired, so that memory stays bounded by the users of one window."""
        self._takes += 1
        if self._takes % SWEEP_EVERY == 0:
            now = self._clock.now()
            self._counts = {k: entry for k, entry in self._counts.items() if entry[1] > now}
