"""Keys that an identity provider publishes: known when they are needed, and no longer than that."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx2
import structlog

from dietcare.auth.jwk_set import NoKeySetError, Published, parse
from dietcare.auth.keys import Key, Keys
from dietcare.clock import Clock
from dietcare.errors import IdentityUnavailableError

FETCH_TIMEOUT_S = 3.0
"""Less than the deadline of any RPC: whoever waits for keys in vain is told why."""
MAX_BYTES = 256 * 1024
FRESH_S = 600.0
"""How long keys count as new where the provider says nothing of it."""
FRESH_RANGE_S = (60.0, 86_400.0)
STALE_MAX_S = 86_400.0
"""How long keys are believed that could not be fetched anew: a provider that is down for a day has
been noticed, and a key that it has withdrawn must not be believed for ever.
"""
RETRY_S = 5.0
"""How soon a provider is asked again that gave no keys."""
WINDOW_S = 30.0
"""How often at most it is asked for key ids that are not known: made-up ones cost nothing more."""

_NEVER_S = float("-inf")
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]{1,9})")
# Not packed: what is read is bounded as it is sent.
_HEADERS = {"accept": "application/jwk-set+json, application/json", "accept-encoding": "identity"}

_log = structlog.get_logger("dietcare.auth")


class JwksKeys(Keys):
    """The keys at `url`, those of them that fit the configured `algorithms`.

    They are fetched when they are first needed, again in the background once they are no longer
    fresh, and for a key id that is not known, at most once per WINDOW_S. While the provider is down
    the keys known last are believed, for STALE_MAX_S.
    """

    def __init__(
        self, url: str, algorithms: Sequence[str], clock: Clock, http: httpx2.AsyncClient
    ) -> None:
        self._url = url
        self._algorithms = frozenset(algorithms)
        self._clock = clock
        self._http = http
        self._published: tuple[Published, ...] = ()
        self._believed: frozenset[Key] = frozenset()
        self.known_at_s = 0.0
        """When the keys were fetched last, in epoch seconds; 0 for never."""
        self._renew_at_s = self._asked_at_s = _NEVER_S
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def ready(self) -> bool:
        await self._known()
        return self.known_at_s > 0

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        if algorithm not in self._algorithms:
            return None
        if not await self._known():
            raise IdentityUnavailableError
        found = self._fitting(kid, algorithm)
        # What is being fetched may have been answered before the key was published.
        for fetch in (self._current, self._fetch_for_unknown):
            if found is None and (fetching := fetch()) is not None:
                await asyncio.wait({fetching})
                found = self._fitting(kid, algorithm)
        if found is None and (self._failed or not self._believed):
            raise IdentityUnavailableError
        return found

    def holds(self, key: Key) -> bool:
        self._renew()
        return key in self._believed and not self._is_stale()

    async def aclose(self) -> None:
        """Cancel what is being fetched."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})

    async def _known(self) -> bool:
        """Whether keys are believed; waits for them where none are, and not where some are."""
        self._renew()
        if self._fetching is not None and (self._is_stale() or not self._believed):
            await asyncio.wait({self._fetching})
        return bool(self._believed) and not self._is_stale()

    def _fitting(self, kid: str | None, algorithm: str) -> Key | None:
        fitting = [
            each.key
            for each in self._published
            if algorithm in each.key.algorithms and kid in (None, each.kid)
        ]
        # Without an id there must be no choice.
        return fitting[0] if len(fitting) == 1 or (fitting and kid is not None) else None

    def _is_stale(self) -> bool:
        return self._now_s() - self.known_at_s > STALE_MAX_S

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    def _current(self) -> asyncio.Task[None] | None:
        return self._fetching

    def _renew(self) -> None:
        """Have keys that are no longer fresh fetched in the background."""
        if self._fetching is None and self._now_s() > self._renew_at_s:
            self._start()

    def _fetch_for_unknown(self) -> asyncio.Task[None] | None:
        """A fetch for a key id that is not known; None where there was one within the window."""
        if self._fetching is None and self._now_s() - self._asked_at_s >= WINDOW_S:
            self._asked_at_s = self._now_s()
            self._start()
        return self._fetching

    def _start(self) -> None:
        self._renew_at_s = self._now_s() + RETRY_S
        self._fetching = asyncio.create_task(self._fetch())

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                body, max_age_s = await self._get()
            self._believe(parse(body, self._algorithms, self._published), max_age_s)
            self._failed = False
        except Exception as error:  # whatever comes from outside, the keys known last hold
            self._failed = True
            # Not its text: that holds the address, and what was read.
            _log.warning("the keys of tokens were not fetched", error=type(error).__name__)
        finally:
            self._fetching = None

    def _believe(self, published: tuple[Published, ...], max_age_s: float) -> None:
        self._published = published
        self._believed = frozenset(each.key for each in published)
        self.known_at_s = self._now_s()
        if published:
            fresh_s = min(max(max_age_s, FRESH_RANGE_S[0]), FRESH_RANGE_S[1])
            self._renew_at_s = self.known_at_s + fresh_s
        else:
            _log.warning("the identity provider publishes no key that fits")

    async def _get(self) -> tuple[bytes, float]:
        async with self._http.stream("GET", self._url, headers=_HEADERS) as answer:
            if answer.status_code != 200:
                raise NoKeySetError
            body = b""
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise NoKeySetError
            said = _MAX_AGE.search(answer.headers.get("cache-control", "").lower())
        return body, float(said[1]) if said else FRESH_S


@asynccontextmanager
async def open_jwks(url: str, algorithms: Sequence[str], clock: Clock) -> AsyncIterator[JwksKeys]:
    """The keys at `url`, until the block ends; believes the authorities in SSL_CERT_FILE."""
    async with httpx2.AsyncClient(
        verify=httpx2.create_ssl_context(),
        timeout=FETCH_TIMEOUT_S,
        limits=httpx2.Limits(max_connections=1),
        trust_env=False,
        follow_redirects=False,
    ) as http:
        keys = JwksKeys(url, algorithms, clock, http)
        try:
            yield keys
        finally:
            await keys.aclose()
