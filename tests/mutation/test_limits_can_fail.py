"""Each safeguard of the limits, switched off, lets through what its test forbids."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest

from dietcare.api import call
from dietcare.api.interceptors.base import PREFIX
from dietcare.api.interceptors.limit import LimitInterceptor
from dietcare.clock import SystemClock
from dietcare.domain.quota import DAY_WINDOW_S, Limit, LimitName
from dietcare.errors import InvalidMealDataError, MealLogLimitExceededError
from dietcare.limits.redis import COUNT, RedisCounters
from dietcare.limits.scripts import Scripts
from dietcare.limits.seeded import SeededCounters
from dietcare.limits.units import Units
from dietcare.limits.window import WindowLimit
from dietcare.repositories.memory.counters import MemoryCounters
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.repositories.mongo.counters import MongoCounters
from dietcare.repositories.port import Taken, counter_name
from dietcare.v1 import meal_pb2

AT = datetime(2100, 1, 1, 12, tzinfo=UTC)
LIMIT = Limit(LimitName.MEALS, 10, DAY_WINDOW_S)
WINDOW = LIMIT.window(AT)


@pytest.fixture
def user():
    return os.urandom(12).hex()


@pytest.fixture
async def collection(mongod_uri):
    """The collection of counters, with its unique index."""
    backend = MongoBackend.open(mongod_uri, f"mutation_{os.urandom(6).hex()}", driver="motor")
    await backend.migrate()
    yield backend.client.collection("rate_limits")
    await backend.aclose()


@pytest.fixture
async def scripts(valkey_url):
    scripts = Scripts.open(valkey_url)
    yield scripts
    await scripts.aclose()


async def allowed(counters, user, calls=1_000):
    """How many of so many concurrent takes are granted: what the race test counts."""
    taken = (counters.take(user, WINDOW, LIMIT.units, AT) for _ in range(calls))
    return sum(each is not None for each in await asyncio.gather(*taken))


class CheckThenIncrement(MongoCounters):
    """Two steps where there must be one."""

    async def take(self, user_id, window, maximum, now):
        if await self.count(user_id, window, now) >= maximum:
            return None
        await self._counters.find_one_and_update(
            {"key": counter_name(user_id, window)},
            {"$inc": {"count": 1}, "$set": {"expires_at": window.resets_at, "user_id": user_id}},
            upsert=True,
        )
        return Taken(1, self)

    async def count(self, user_id, window, now):
        found = await self._counters.find_one({"key": counter_name(user_id, window)})
        return found["count"] if found else 0


class CheckThenIncrementInRedis(RedisCounters):
    """The same in two round trips."""

    async def take(self, user_id, window, maximum, now):
        name = counter_name(user_id, window)
        if await self._scripts.run(COUNT, name, 0) >= maximum:
            return None
        script = "redis.call('HSET', KEYS[1], 'expires_at', ARGV[1]) return "
        script += "redis.call('HINCRBY', KEYS[1], 'count', 1)"
        count = await self._scripts.run(script, name, int(window.resets_at.timestamp() * 1000))
        return Taken(count, self)


async def test_check_then_increment_in_mongodb_lets_too_many_through(collection, user):
    assert await allowed(MongoCounters(collection), user, 100) == 10
    mutant, other = CheckThenIncrement(collection), os.urandom(12).hex()
    await mutant.take(other, WINDOW, LIMIT.units, AT)  # only increments race, no first inserts
    assert await allowed(mutant, other, 100) > 9


async def test_check_then_increment_in_redis_lets_too_many_through(scripts, user):
    assert await allowed(RedisCounters(scripts), user) == 10
    assert await allowed(CheckThenIncrementInRedis(scripts), os.urandom(12).hex()) > 10


async def test_without_the_unique_index_too_many_get_through(collection):
    counters, users = MongoCounters(collection), [os.urandom(12).hex() for _ in range(50)]

    async def most():
        return max(await asyncio.gather(*(allowed(counters, each, 12) for each in users)))

    assert await most() == 10
    await collection._raw.drop_index("user_id_1_key_1")
    found = 10
    for _ in range(20):  # only a first unit is inserted, and two must meet there
        users = [os.urandom(12).hex() for _ in range(50)]
        found = max(found, await most())
        if found > 10:
            break
    assert found > 10


class Unseeded(SeededCounters):
    """Begins at 0 after every start."""

    async def _read(self, user_id, window, now):
        self._here.set(user_id, window, 0)
        self._seeding.clear()


class Kept(MemoryCounters):
    """Grants whatever it is asked for: only memory refuses."""

    async def take(self, user_id, window, maximum, now):
        return await super().take(user_id, window, 1_000_000, now)


async def test_without_the_seed_a_restart_forgets_what_was_used(user):
    for restarted, in_all in ((SeededCounters, 10), (Unseeded, 20)):
        stored = Kept()
        counts = [await allowed(restarted(stored), user, 20) for _ in range(2)]
        assert sum(counts) == in_all


@pytest.fixture
def limit():
    return WindowLimit(LIMIT, MemoryCounters(), SystemClock(), MealLogLimitExceededError)


async def left_after_a_400(limit, units, user):
    """What is left once a call was refused as invalid: what the refund test looks at."""
    call.begin(call.Call("LogMeal", "req_1", owner=user))
    interceptor = LimitInterceptor({LimitName.MEALS: limit}, units)
    with pytest.raises(InvalidMealDataError):
        async with interceptor.around(meal_pb2.LogMealRequest(), None, f"{PREFIX}LogMeal"):
            raise InvalidMealDataError
    return (await limit.status(user)).remaining


class WithoutRefund(Units):
    async def give_back(self, limit, user_id, ticket):
        return None


async def test_without_the_refund_an_invalid_call_costs_a_unit(limit, user):
    assert await left_after_a_400(limit, Units(), user) == 10
    assert await left_after_a_400(limit, WithoutRefund(), user) == 9


class Unshielded(Units):
    async def take(self, limit, user_id):
        return await limit.take(user_id)


class Slow(MemoryCounters):
    """Counts, and lets others run before it answers, as a database does."""

    def __init__(self):
        super().__init__()
        self.counted = asyncio.Event()

    async def take(self, user_id, window, maximum, now):
        taken = await super().take(user_id, window, maximum, now)
        self.counted.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return taken


async def left_after_a_cancelled_take(units, user):
    slow = Slow()
    limit = WindowLimit(LIMIT, slow, SystemClock(), MealLogLimitExceededError)
    taking = asyncio.create_task(units.take(limit, user))
    await slow.counted.wait()
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await units.aclose()
    return (await limit.status(user)).remaining


async def test_without_the_shield_a_cancelled_call_costs_a_unit(user):
    assert await left_after_a_cancelled_take(Units(), user) == 10
    assert await left_after_a_cancelled_take(Unshielded(), user) == 9


class OneKeyForEver(Limit):
    """Windows that all have the same name."""

    def window(self, now):
        return Limit.window(self, AT)


async def test_without_windows_of_their_own_a_late_return_is_a_gift_to_the_next(user):
    for kind, left in ((Limit, 0), (OneKeyForEver, 1)):
        limit, counters = kind(LimitName.MEALS, 1, DAY_WINDOW_S), MemoryCounters()
        tomorrow = AT + timedelta(days=1)
        yesterdays = limit.window(AT)
        await counters.take(user, yesterdays, 1, AT)
        await counters.take(user, limit.window(tomorrow), 1, AT)
        await counters.give_back(user, yesterdays, AT)
        count = await counters.count(user, limit.window(tomorrow), AT)
        assert 1 - count == left
