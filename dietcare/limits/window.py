"""A limit over fixed windows that are aligned to the epoch."""

from dietcare.clock import Clock
from dietcare.domain.ids import UserId
from dietcare.domain.quota import Limit, LimitStatus, Window
from dietcare.errors import RateLimitExceededError
from dietcare.limits.port import Counted, Ticket, UserLimit
from dietcare.repositories.port import Counters


class WindowLimit(UserLimit):
    """Counts in counters; `exceeded` is what it raises where none is left."""

    def __init__(
        self,
        limit: Limit,
        counters: Counters,
        clock: Clock,
        exceeded: type[RateLimitExceededError],
    ) -> None:
        self._limit = limit
        self._counters = counters
        self._clock = clock
        self._exceeded = exceeded

    async def take(self, user_id: UserId) -> Ticket:
        now = self._clock.now()
        window = self._limit.window(now)
        taken = await self._counters.take(user_id, window, self._limit.units, now)
        if taken is None:
            retry_after_s = (window.resets_at - now).total_seconds()
            raise self._exceeded(self._limit.units, window.resets_at, retry_after_s)
        return Ticket(self._status(window, taken.count), counted=Counted(window, taken.by))

    async def give_back(self, user_id: UserId, ticket: Ticket) -> LimitStatus:
        now, counted = self._clock.now(), ticket.counted
        if counted is None:
            raise AssertionError("a ticket of this limit says where its unit was counted")
        count = await counted.by.give_back(user_id, counted.window, now)
        if counted.window == self._limit.window(now):
            return self._status(counted.window, count)
        return await self.status(user_id)

    async def status(self, user_id: UserId) -> LimitStatus:
        now = self._clock.now()
        window = self._limit.window(now)
        return self._status(window, await self._counters.count(user_id, window, now))

    def _status(self, window: Window, count: int) -> LimitStatus:
        remaining = max(0, self._limit.units - count)
        return LimitStatus(self._limit.units, remaining, window.resets_at)
