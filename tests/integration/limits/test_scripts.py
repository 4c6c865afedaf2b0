"""Scripts on a real valkey-server: what is slow here is no outage, what is dead there is one."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from dietcare.limits.port import CountersUnavailableError
from dietcare.limits.scripts import TURN_S, TURNS, Scripts
from dietcare.local.ports import free_port

COUNT_UP = "return redis.call('INCRBY', KEYS[1], ARGV[1])"


@pytest.fixture
async def open_scripts():
    """Opens scripts on the server at a URL."""
    async with AsyncExitStack() as stack:

        def open_one(url):
            scripts = Scripts.open(url)
            stack.push_async_callback(scripts.aclose)
            return scripts

        yield open_one


@pytest.fixture
def key(request):
    return f"test:{request.node.name}:{time.monotonic_ns()}"


async def test_a_thousand_at_once_are_each_answered_with_their_own(open_scripts, valkey_url, key):
    scripts = open_scripts(valkey_url)
    answers = await asyncio.gather(*(scripts.run(COUNT_UP, key, 1) for _ in range(1_000)))
    assert answers == list(range(1, 1_001))


async def test_a_loop_that_is_late_takes_nobody_for_dead(open_scripts, valkey_url, key):
    scripts = open_scripts(valkey_url)
    for _ in range(3):
        running = asyncio.create_task(scripts.run(COUNT_UP, key, 1))
        await asyncio.sleep(0)
        time.sleep(3 * TURNS * TURN_S)  # noqa: ASYNC251 - other work that holds up the loop
        await running
    assert await scripts.run(COUNT_UP, key, 0) == 3


async def test_an_error_is_only_that_of_the_script_that_made_it(open_scripts, valkey_url, key):
    scripts = open_scripts(valkey_url)
    answers = await asyncio.gather(
        scripts.run(COUNT_UP, key, 1),
        scripts.run("return redis.call('HSET', KEYS[1], 'a', 1)", key),
        scripts.run(COUNT_UP, key, 1),
        return_exceptions=True,
    )
    assert [answers[0], answers[2]] == [1, 2]
    assert isinstance(answers[1], CountersUnavailableError)


async def test_who_is_cancelled_disturbs_nobody(open_scripts, valkey_url, key):
    scripts = open_scripts(valkey_url)
    running = [asyncio.create_task(scripts.run(COUNT_UP, key, 1)) for _ in range(20)]
    await asyncio.sleep(0)
    for each in running[::2]:
        each.cancel()
    answers = await asyncio.gather(*running, return_exceptions=True)
    assert len([each for each in answers if isinstance(each, int)]) == 10


async def test_a_closed_port_is_an_error_for_all_who_wait(open_scripts, key):
    scripts = open_scripts(f"redis://127.0.0.1:{free_port()}")
    runs = (scripts.run(COUNT_UP, key, 1) for _ in range(2_000))
    answers = await asyncio.gather(*runs, return_exceptions=True)
    assert {type(each) for each in answers} == {CountersUnavailableError}


async def test_a_silent_server_is_given_up_after_its_turns(open_scripts, key):
    async def say_nothing(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    scripts = open_scripts(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    began = time.monotonic()
    runs = (scripts.run(COUNT_UP, key, 1) for _ in range(2_000))
    answers = await asyncio.gather(*runs, return_exceptions=True)
    assert {type(each) for each in answers} == {CountersUnavailableError}
    assert TURNS * TURN_S * 0.9 <= time.monotonic() - began < 2
    server.close()


async def test_a_server_that_was_killed_is_used_again_when_it_is_back(
    open_scripts, new_valkey, key
):
    valkey = new_valkey()
    scripts = open_scripts(valkey.url)
    assert await scripts.run(COUNT_UP, key, 1) == 1
    valkey.kill()
    with pytest.raises(CountersUnavailableError):
        await scripts.run(COUNT_UP, key, 1)
    valkey.start()
    assert await scripts.run(COUNT_UP, key, 1) == 1
