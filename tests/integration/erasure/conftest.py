"""Every test over memory, over MongoDB, and over MongoDB with Redis."""

import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pymongo
import pytest
import redis
from erasure_world import World, open_world

KINDS = ("memory", "mongo", "mongo and redis")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mongo(kind: str, request: pytest.FixtureRequest) -> Iterator[tuple[str, Any] | None]:
    """Where a database of the test's own is; None for memory."""
    if kind == "memory":
        yield None
        return
    uri, name = str(request.getfixturevalue("mongod_uri")), f"erasure_{os.urandom(6).hex()}"
    with pymongo.MongoClient(uri) as client:
        yield uri, client[name]
        client.drop_database(name)


@pytest.fixture
def cached(kind: str, request: pytest.FixtureRequest) -> Iterator[tuple[str, Any] | None]:
    """Where a Redis is, empty; None without."""
    if "redis" not in kind:
        yield None
        return
    url = str(request.getfixturevalue("valkey_url")).removesuffix("/0") + "/7"
    with redis.Redis.from_url(url) as valkey:
        valkey.flushdb()
        yield url, valkey


@pytest.fixture
async def world(
    mongo: tuple[str, Any] | None, cached: tuple[str, Any] | None
) -> AsyncIterator[World]:
    async with open_world(mongo, cached) as world:
        yield world
