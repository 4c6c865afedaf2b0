"""A cache in Redis, shared by every process. A Redis that is down is an empty cache."""

import logging
from collections.abc import Awaitable
from typing import Self, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from dietcare.cache.port import Cache, versioned

TIMEOUT_S = 0.2
CONNECTIONS_MAX = 50
PUT_VERSION = """
local kept = redis.call('GET', KEYS[1])
local version = kept and tonumber(string.match(kept, '^(%d+):'))
if version and version > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""

T = TypeVar("T")
_log = logging.getLogger(__name__)


class RedisCache(Cache):
    """Every command has 0.2 s and no second try."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._put_version = client.register_script(PUT_VERSION)

    @classmethod
    def open(cls, url: str) -> Self:
        """A cache at `url` (redis:// or rediss://); connects at the first use."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS_MAX,
            timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
        )
        return cls(Redis(connection_pool=pool))

    async def get(self, key: str) -> bytes | None:
        value = await self._or_none(self._client.get(key))
        return value.encode() if isinstance(value, str) else value

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        await self._or_none(self._client.set(key, value, px=max(1, int(ttl_s * 1000))))

    async def put_version(self, key: str, version: int, value: bytes, ttl_s: float) -> bool:
        kept, ttl_ms = versioned(version, value), max(1, int(ttl_s * 1000))
        done = await self._or_none(self._put_version(keys=[key], args=[version, kept, ttl_ms]))
        return done is not None

    async def drop(self, key: str) -> None:
        await self._or_none(self._client.delete(key))

    async def ping(self) -> bool:
        return bool(await self._or_none(self._client.ping()))

    async def aclose(self) -> None:
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    async def _or_none(self, command: Awaitable[T]) -> T | None:
        try:
            return await command
        except (RedisError, OSError, TimeoutError) as error:
            _log.warning("redis did not answer: %s", type(error).__name__)
            return None
