"""Counters in this process: for where it is the only one, and for what may be forgotten."""

from datetime import datetime

from dietcare.domain.quota import Window
from dietcare.repositories.port import Counters, Taken, counter_name

SWEEP_EVERY_MIN = 1_000


class MemoryCounters(Counters):
    """See the port. No method awaits, so each is one atomic step."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, datetime]] = {}
        self._takes = 0

    async def take(self, user_id: str, window: Window, maximum: int, now: datetime) -> Taken | None:
        self._sweep(now)
        count = await self.count(user_id, window, now) + 1
        if count > maximum:
            return None
        self.set(user_id, window, count)
        return Taken(count, self)

    async def give_back(self, user_id: str, window: Window, now: datetime) -> int:
        count = await self.count(user_id, window, now)
        if count > 0:
            self.set(user_id, window, count - 1)
        return max(0, count - 1)

    async def count(self, user_id: str, window: Window, now: datetime) -> int:
        count, resets_at = self._counts.get(counter_name(user_id, window), (0, now))
        return count if resets_at > now else 0

    def set(self, user_id: str, window: Window, count: int) -> None:
        """Have counted so many."""
        self._counts[counter_name(user_id, window)] = (count, window.resets_at)

    def has(self, user_id: str, window: Window) -> bool:
        """Whether anything is known of this counter."""
        return counter_name(user_id, window) in self._counts

    def forget(self, user_id: str, window: Window) -> None:
        """Know nothing of this counter any more."""
        self._counts.pop(counter_name(user_id, window), None)

    def _sweep(self, now: datetime) -> None:
        """Forget what is over, so that memory stays bounded by the subjects of one window."""
        self._takes += 1
        # As seldom as there are counters: so each take pays for the same share of a sweep.
        if self._takes >= max(SWEEP_EVERY_MIN, len(self._counts)):
            self._takes = 0
            self._counts = {k: entry for k, entry in self._counts.items() if entry[1] > now}
