"""The backup limit: so many calls a minute from one address, whoever makes them."""

from collections.abc import Callable

from dietcare.clock import Clock
from dietcare.domain.quota import Limit
from dietcare.errors import IPLimitExceededError
from dietcare.repositories.port import Counters


class AddressLimit:
    """Counts calls; a unit of it never comes back. `name_of` gives what an address is called."""

    def __init__(
        self, limit: Limit, counters: Counters, clock: Clock, name_of: Callable[[str], str] = str
    ) -> None:
        self._limit = limit
        self._counters = counters
        self._clock = clock
        self._name_of = name_of

    async def take(self, address: str) -> None:
        """Count a call.

        Raises:
            IPLimitExceededError: it is one too many.
        """
        now = self._clock.now()
        window = self._limit.window(now)
        subject = self._name_of(address)
        if await self._counters.take(subject, window, self._limit.units, now) is None:
            retry_after_s = (window.resets_at - now).total_seconds()
            raise IPLimitExceededError(self._limit.units, window.resets_at, retry_after_s)
