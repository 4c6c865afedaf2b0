"""A Redis that does not answer may come back with what it had: until it does, nothing is erased."""

import os

import pymongo
import pytest
import redis
from erasure_world import open_world


@pytest.fixture
def database(mongod_uri):
    with pymongo.MongoClient(mongod_uri) as client:
        name = f"erasure_{os.urandom(6).hex()}"
        yield client[name]
        client.drop_database(name)


async def test_an_erasure_waits_for_a_redis_that_is_out(mongod_uri, database, new_valkey):
    valkey = new_valkey()
    with redis.Redis.from_url(valkey.url) as client:
        async with open_world((mongod_uri, database), (valkey.url, client)) as world:
            await world.fill()
            valkey.kill()
            assert (await world.erase()).reason == "DATABASE_UNAVAILABLE"
            assert (await world.log()).reason == "DATABASE_UNAVAILABLE"  # it comes after
            valkey.start()
            assert (await world.log()).code == "OK"
            stored = world.backend.repositories
            assert [await stored.meals.count(world.user), await stored.goals.count(world.user)] == [
                1,
                0,
            ]
            assert (await world.erase()).message.erased.meals == 1
            assert await world.left() == []
