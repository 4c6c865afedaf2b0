"""Keys that an identity provider publishes as a JSON Web Key Set (RFC 7517)."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx2
import jwt
import orjson
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dietcare.auth.keys import Key, Keys
from dietcare.clock import Clock
from dietcare.errors import IdentityUnavailableError

FETCH_TIMEOUT_S = 5.0
MAX_BYTES = 256 * 1024
MAX_KEYS = 100
RSA_MIN_BITS = 2_048
FRESH_S = 600.0
"""How long keys count as new where the provider says nothing of it."""
FRESH_RANGE_S = (60.0, 86_400.0)
STALE_MAX_S = 86_400.0
"""How long keys are believed that could not be fetched anew: a provider that is down for a day has
been noticed, and a key that it has withdrawn must not be believed for ever.
"""
WINDOW_S = 30.0
"""How often at most the provider is asked: tokens with made-up key ids cost nothing more."""

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]{1,9})")

_log = structlog.get_logger("dietcare.auth")


class _UnusableSetError(Exception):
    """What the provider answered is no key set."""


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
        self._keys: Mapping[str, Key] = {}
        self._known_at_s: float | None = None
        self._asked_at_s: float | None = None
        self._fresh_s = FRESH_S
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        if self._age_s() > self._fresh_s:
            fetching = self._fetch_again()
            if self._age_s() > STALE_MAX_S:
                if fetching is not None:
                    await asyncio.shield(fetching)
                if self._age_s() > STALE_MAX_S:
                    raise IdentityUnavailableError
        found = self._fitting(kid, algorithm)
        if found is None and (fetching := self._fetch_again()) is not None:
            await asyncio.shield(fetching)
            found = self._fitting(kid, algorithm)
        return found

    def holds(self, key: Key) -> bool:
        return self._age_s() <= STALE_MAX_S and any(key is each for each in self._keys.values())

    async def aclose(self) -> None:
        """Cancel what is being fetched."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _fitting(self, kid: str | None, algorithm: str) -> Key | None:
        fitting = {each: key for each, key in self._keys.items() if algorithm in key.algorithms}
        if kid is not None:
            return fitting.get(kid)
        return next(iter(fitting.values())) if len(fitting) == 1 else None

    def _age_s(self) -> float:
        return float("inf") if self._known_at_s is None else self._now_s() - self._known_at_s

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    def _fetch_again(self) -> asyncio.Task[None] | None:
        """The fetch that is going on, or a new one; None where the provider was asked just now."""
        if self._fetching is None:
            now_s = self._now_s()
            if self._asked_at_s is not None and now_s - self._asked_at_s < WINDOW_S:
                return None
            self._asked_at_s = now_s
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                body, max_age_s = await self._get()
            self._keys = self._kept(_keys_of(body, self._algorithms))
            self._known_at_s = self._now_s()
            self._fresh_s = min(max(max_age_s, FRESH_RANGE_S[0]), FRESH_RANGE_S[1])
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, _UnusableSetError) as error:
            # Not its text: that holds the address, and what was read.
            _log.warning("the keys of tokens were not fetched", error=type(error).__name__)
        finally:
            self._fetching = None

    async def _get(self) -> tuple[bytes, float]:
        async with self._http.stream("GET", self._url) as answer:
            if answer.status_code != 200:
                raise _UnusableSetError
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise _UnusableSetError
            said = _MAX_AGE.search(answer.headers.get("cache-control", "").lower())
        return body, float(said[1]) if said else FRESH_S

    def _kept(self, found: Mapping[str, Key]) -> Mapping[str, Key]:
        """The keys found; one that was known already stays the same object."""
        return {
            kid: known if (known := self._keys.get(kid)) and _same(known, key) else key
            for kid, key in found.items()
        }


def _same(one: Key, other: Key) -> bool:
    return one.algorithms == other.algorithms and bool(one.material == other.material)


def _keys_of(body: bytes, algorithms: frozenset[str]) -> Mapping[str, Key]:
    """The keys of a set that may verify tokens here, by their id; others are passed over."""
    try:
        listed = orjson.loads(body)["keys"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise _UnusableSetError from None
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise _UnusableSetError
    found = {}
    for position, said in enumerate(listed):
        key = _key_of(said, algorithms)
        if key is not None:
            kid = said.get("kid")
            found[kid if isinstance(kid, str) and kid else f"#{position}"] = key
    if not found:
        raise _UnusableSetError
    return found


def _key_of(said: object, algorithms: frozenset[str]) -> Key | None:
    if not isinstance(said, dict) or said.get("use", "sig") != "sig" or "d" in said:
        return None
    operations = said.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        jwk = jwt.PyJWK(said)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    material, algorithm = jwk.key, jwk.algorithm_name
    # A secret is no public key, whoever publishes it; and a short one is soon no secret.
    if algorithm not in algorithms:
        return None
    if isinstance(material, RSAPublicKey) and material.key_size < RSA_MIN_BITS:
        return None
    return Key(material, (algorithm,))


@asynccontextmanager
async def open_jwks(url: str, algorithms: Sequence[str], clock: Clock) -> AsyncIterator[JwksKeys]:
    """The keys at `url`, until the block ends."""
    limits = httpx2.Limits(max_connections=1)
    async with httpx2.AsyncClient(
        timeout=FETCH_TIMEOUT_S, limits=limits, trust_env=False, follow_redirects=False
    ) as http:
        keys = JwksKeys(url, algorithms, clock, http)
        try:
            yield keys
        finally:
            await keys.aclose()
