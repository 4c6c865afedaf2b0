"""The backup limit: so many calls a minute from one address, whoever makes them."""

from dietcare.clock import Clock
from dietcare.domain.quota import Limit
from dietcare.errors import IPLimitExceededError
from dietcare.repositories.port import Counters


class AddressLimit:
    """Counts calls; a unit of it never comes back."""

    def __init__(self, limit: Limit, counters: Counters, clock: Clock) -> None:
        self._limit = limit
        self._counters = counters
        self._clock = clock

    async def take(self, address: str) -> None:
        """Count a call.

        Raises:
            IPLimitExceededError: it is one too many.
        """
        now = self._clock.now()
        window = self._limit.window(now)
        if await self._counters.take(address, window, self._limit.units, now) is None:
            retry_after_s = (window.resets_at - now).total_seconds()
            raise IPLimitExceededError(self._limit.units, window.resets_at, retry_after_s)
