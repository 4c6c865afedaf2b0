"""What every cache does, and what each does when it can not."""

import asyncio
import time

import pytest

from dietcare.cache import memory as memory_module
from dietcare.cache.memory import MemoryCache
from dietcare.cache.redis import RedisCache


async def test_a_value_is_read_back_byte_for_byte(cache):
    value = bytes(range(256)) + " 현미밥 ".encode()

    await cache.put("k", value, 60)

    assert await cache.get("k") == value
    assert await cache.get("other") is None
    assert await cache.ping()


async def test_a_value_is_replaced_and_dropped(cache):
    await cache.put("k", b"1", 60)
    await cache.put("k", b"2", 60)
    assert await cache.get("k") == b"2"

    await cache.drop("k")
    await cache.drop("k")
    assert await cache.get("k") is None


async def test_a_newer_version_is_never_covered_by_an_older_one(cache):
    await cache.put_version("k", 3, b"three", 60)
    await cache.put_version("k", 2, b"two", 60)
    assert await cache.get_version("k") == b"three"

    await cache.put_version("k", 3, b"three again", 60)
    assert await cache.get_version("k") == b"three again"
    await cache.put_version("k", 12, b"twelve", 60)
    assert await cache.get_version("k") == b"twelve"


async def test_an_empty_version_keeps_out_what_is_older_and_is_never_given(cache):
    await cache.put_version("k", 3, b"", 60)
    assert await cache.get_version("k") is None

    await cache.put_version("k", 2, b"two", 60)
    assert await cache.get_version("k") is None
    value = bytes(range(256)) + b"1:2"
    await cache.put_version("k", 3, value, 60)
    assert await cache.get_version("k") == value


async def test_writers_at_once_leave_the_newest_version(cache):
    await asyncio.gather(*(cache.put_version("k", n, str(n).encode(), 60) for n in range(20)))

    assert await cache.get_version("k") == b"19"


async def test_memory_forgets_when_the_time_is_over(memory, timer):
    await memory.put_version("k", 2, b"v", 60)
    timer.at += 59.9
    assert await memory.get_version("k") == b"v"
    timer.at += 0.1
    assert await memory.get("k") is None
    await memory.put_version("k", 1, b"old", 60)  # what is forgotten has no version either
    assert await memory.get_version("k") == b"old"


async def test_memory_is_bounded_and_the_least_recently_used_goes_first(timer):
    cache = MemoryCache(lambda: timer.at)
    for number in range(memory_module.ENTRIES_MAX):
        await cache.put(str(number), b"v", 60)
    await cache.get("0")
    await cache.put("one more", b"v", 60)

    assert await cache.get("0") == b"v"
    assert await cache.get("1") is None


async def test_memory_is_empty_once_it_is_closed(memory):
    await memory.put("k", b"v", 60)
    await memory.aclose()

    assert await memory.get("k") is None


async def test_redis_forgets_when_the_time_is_over(redis):
    await redis.put("k", b"v", 3_600)
    await redis.put("short", b"v", 0.0001)  # at least a millisecond

    assert 3_590_000 < await redis._client.pttl("k") <= 3_600_000
    assert await redis._client.pttl("short") <= 1


async def test_redis_is_shared_by_every_process(redis, patient):
    another = patient()
    await redis.put("k", "현미밥".encode(), 60)

    assert await another.get("k") == "현미밥".encode()
    await another.aclose()


async def test_redis_may_decode_its_answers(redis, patient):
    another = patient(decode_responses=True)
    await redis.put("k", "현미밥".encode(), 60)

    assert await another.get("k") == "현미밥".encode()
    await another.aclose()


async def test_what_another_program_wrote_under_a_key_is_replaced(redis):
    await redis._client.set("k", "no version here")
    assert await redis.get_version("k") is None

    await redis.put_version("k", 1, b"v", 60)
    assert await redis.get_version("k") == b"v"


async def test_redis_serves_more_callers_than_it_has_connections(redis, valkey_url):
    await redis.put("k", b"v", 60)
    redis = RedisCache.open(valkey_url)

    answers = await asyncio.gather(*(redis.get("k") for _ in range(200)))

    # Who waits too long for a connection goes without; nobody fails.
    assert set(answers) <= {b"v", None}
    assert b"v" in answers
    await redis.aclose()


@pytest.mark.parametrize("port", ["closed_port", "silent_port"])
@pytest.mark.parametrize("use", ["get", "put", "put_version", "drop", "ping"])
async def test_a_redis_that_does_not_answer_is_soon_an_empty_cache(request, port, use, caplog):
    cache = RedisCache.open(f"redis://127.0.0.1:{request.getfixturevalue(port)}")
    began = time.monotonic()

    answer = {
        "get": lambda: cache.get("k"),
        "put": lambda: cache.put("k", b"v", 60),
        "put_version": lambda: cache.put_version("k", 1, b"v", 60),
        "drop": lambda: cache.drop("k"),
        "ping": cache.ping,
    }[use]()
    assert not await answer

    assert time.monotonic() - began < 2  # by itself redis-py takes 4 and over 20 s
    assert "redis did not answer" in caplog.text
    await cache.aclose()


async def test_a_command_that_redis_refuses_is_no_failure(redis):
    await redis._client.lpush("k", "a list")

    assert await redis.get("k") is None
