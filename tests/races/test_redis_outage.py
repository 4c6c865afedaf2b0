"""Redis is killed and started again while requests flow: none of them fails."""

import asyncio
import operator
import re
from collections import Counter
from dataclasses import replace

import httpx2
import pytest
import redis
from server_processes import pseudonym

from dietcare.v1 import goal_pb2

UPDATE = goal_pb2.UpdateGoalsRequest(ckd_stage=3)
WORKERS = 8


@pytest.fixture
async def pair(new_pair, new_valkey):
    """With a Redis of its own to lose."""
    valkey = new_valkey()
    return replace(await new_pair(DIETCARE_REDIS_URL=valkey.url), valkey=valkey)


@pytest.fixture
def update(pair, call):
    """Updates goals of a user through either server: the status code's name."""

    async def ask(user, n):
        return await call.code(pair.servers[n % 2], "UpdateGoals", user, UPDATE)

    return ask


class Flow:
    """Requests of ever new users, until it is stopped."""

    def __init__(self, update, pair):
        self.codes = Counter()
        self._update, self._pair = update, pair
        self._stopped = False
        self._answered = asyncio.Event()

    async def work(self, n):
        while not self._stopped:
            self.codes[await self._update(self._pair.user(), n)] += 1
            self._answered.set()

    async def answers(self, more):
        """Wait until so many more are answered."""
        enough = self.codes.total() + more
        async with asyncio.timeout(30):
            while self.codes.total() < enough:
                self._answered.clear()
                await self._answered.wait()

    def stop(self):
        self._stopped = True


async def fallbacks(pair):
    """How often each server counted elsewhere."""
    found = []
    async with httpx2.AsyncClient(trust_env=False) as http:
        for server in pair.servers:
            page = (await http.get(f"http://{server.http}/metrics")).text
            found.append(float(re.search(r"^dietcare_limit_fallbacks_total (\S+)$", page, re.M)[1]))
    return found


async def is_back(pair, update):
    """Wait until both servers count in Redis again."""
    with redis.Redis(port=pair.valkey.port) as client:
        for n in range(2):
            async with asyncio.timeout(20):
                user = pair.user()
                while not client.keys(f"rate:{pseudonym(user)}:*"):
                    user = pair.user()
                    assert await update(user, n) == "OK"


async def test_no_request_fails_while_redis_is_killed_and_started_again(pair, update):
    before = await fallbacks(pair)
    flow = Flow(update, pair)
    workers = [asyncio.create_task(flow.work(n)) for n in range(WORKERS)]
    await flow.answers(50)
    pair.valkey.kill()
    await flow.answers(200)
    async with asyncio.timeout(30):  # which server answers how many of them is nobody's promise
        while not all(map(operator.gt, await fallbacks(pair), before)):
            await flow.answers(1)
    pair.valkey.start()
    await is_back(pair, update)
    await flow.answers(50)
    flow.stop()
    await asyncio.gather(*workers)
    assert set(flow.codes) == {"OK"}


async def test_without_redis_the_limit_is_exact_in_mongodb(pair, update):
    pair.valkey.kill()
    user = pair.user()
    codes = await asyncio.gather(*(update(user, n) for n in range(200)))
    assert Counter(codes) == {"OK": 10, "RESOURCE_EXHAUSTED": 190}
    pair.valkey.start()
    await is_back(pair, update)
