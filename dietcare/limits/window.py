"""A limit over fixed windows that are aligned to the epoch."""

from datetime import datetime

from dietcare.clock import Clock
from dietcare.domain.ids import UserId
from dietcare.domain.quota import Limit, LimitStatus
from dietcare.errors import RateLimitExceededError
from dietcare.limits.port import Counters, Ticket, UserLimit


class WindowLimit(UserLimit):
    """Counts under `rate:{user_id}:{endpoint}:{window}`."""

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
        key = self._key(user_id, now)
        reset_at = self._limit.resets_at(now)
        count = await self._counters.take(key, self._limit.units, reset_at)
        if count is None:
            retry_after_s = (reset_at - now).total_seconds()
            raise self._exceeded(self._limit.units, reset_at, retry_after_s)
        return Ticket(self._status(count, now), key)

    async def give_back(self, user_id: UserId, ticket: Ticket) -> LimitStatus:
        await self._counters.give_back(ticket.key)
        return await self.status(user_id)  # of the window by now, which may be the next

    async def status(self, user_id: UserId) -> LimitStatus:
        now = self._clock.now()
        return self._status(await self._counters.count(self._key(user_id, now)), now)

    def _key(self, user_id: UserId, now: datetime) -> str:
        return f"rate:{user_id}:{self._limit.name.value}:{self._limit.window(now)}"

    def _status(self, count: int, now: datetime) -> LimitStatus:
        return LimitStatus(
            limit=self._limit.units,
            remaining=max(0, self._limit.units - count),
            reset_at=self._limit.resets_at(now),
        )
