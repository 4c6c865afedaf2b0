"""1,000 calls at once, through two processes: exactly as many are allowed as there are units."""

import asyncio
import io
import os
from collections import Counter

import pytest
from bson import ObjectId
from PIL import Image
from server_processes import bearer, pseudonym

from dietcare.v1 import analysis_pb2, food_pb2, meal_pb2, quota_pb2

CALLS = 1_000
LOG_MEAL = meal_pb2.LogMealRequest(
    meal_type=meal_pb2.MEAL_TYPE_LUNCH,
    foods=[food_pb2.Food(name="비빔밥", portion_g=400, sodium_mg=900)],
)
GOALS = b'{"ckd_stage": "3"}'


@pytest.fixture
def user(pair):
    return pair.user()


@pytest.fixture
def ask(pair, user, call):
    """The nth call of an RPC, by turns through either process: its status code's name."""

    async def ask(rpc, request, n=0):
        return await call.code(pair.servers[n % 2], rpc, user, request)

    return ask


@pytest.fixture
def left(pair, user, call):
    """What is left of each limit, as both processes say it."""

    async def ask():
        request = quota_pb2.GetQuotaRequest()
        answers = [await call(each, "GetQuota", user, request) for each in pair.servers]
        assert answers[0].quota.meals == answers[1].quota.meals
        quota = answers[0].quota
        return quota.analyses.remaining, quota.meals.remaining, quota.goal_updates.remaining

    return ask


async def put_goals(pair, user, n):
    """A PUT over a connection of its own, by turns to either process: its status and headers."""
    host, port = pair.servers[n % 2].http.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"PUT /api/diet/goals HTTP/1.1\r\nhost: x\r\nauthorization: {bearer(user)}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(GOALS)}\r\nconnection: close\r\n"
    )
    writer.write(head.encode() + b"\r\n" + GOALS)
    answer = (await reader.read()).partition(b"\r\n\r\n")[0].decode().split("\r\n")
    writer.close()
    await writer.wait_closed()
    headers = (line.partition(": ") for line in answer[1:])
    return int(answer[0].split()[1]), {name.lower(): value for name, _, value in headers}


def picture():
    """A picture that nobody has seen, since the same one again is free."""
    file = io.BytesIO()
    Image.frombytes("RGB", (16, 16), os.urandom(768)).save(file, "JPEG")
    return file.getvalue()


async def test_ten_of_a_thousand_analyses_are_allowed(pair, user, ask, left):
    requests = [analysis_pb2.AnalyzeFoodRequest(image_data=picture()) for _ in range(CALLS)]
    codes = await asyncio.gather(*(ask("AnalyzeFood", each, n) for n, each in enumerate(requests)))
    assert Counter(codes) == {"OK": 10, "RESOURCE_EXHAUSTED": CALLS - 10}
    assert await left() == (0, 50, 10)
    query = {"user_id": ObjectId(user)}
    assert pair.database["nutrition_analyses"].count_documents(query) == 10
    (session,) = pair.database["diet_sessions"].find({"user_id": ObjectId(pseudonym(user))})
    assert session["analysis_count"] == 10


async def test_fifty_of_a_thousand_meals_are_allowed(pair, user, ask, left):
    codes = await asyncio.gather(*(ask("LogMeal", LOG_MEAL, n) for n in range(CALLS)))
    assert Counter(codes) == {"OK": 50, "RESOURCE_EXHAUSTED": CALLS - 50}
    assert await left() == (10, 0, 10)
    assert pair.database["meal_logs"].count_documents({"user_id": ObjectId(user)}) == 50


async def test_ten_of_a_thousand_goal_updates_are_allowed_over_rest(pair, user, left):
    answers = await asyncio.gather(*(put_goals(pair, user, n) for n in range(CALLS)))
    assert Counter(status for status, _ in answers) == {200: 10, 429: CALLS - 10}
    assert {headers["x-ratelimit-limit"] for _, headers in answers} == {"10"}
    remaining = [int(each["x-ratelimit-remaining"]) for status, each in answers if status == 200]
    assert sorted(remaining) == list(range(10))  # each unit once
    assert await left() == (10, 50, 0)


async def test_what_is_invalid_costs_nothing_however_much_of_it_there_is(ask, left):
    invalid = meal_pb2.LogMealRequest(meal_type=meal_pb2.MEAL_TYPE_LUNCH)
    codes = Counter()
    for _ in range(10):  # no more at once than there are units, so that none is refused for another
        batch = await asyncio.gather(*(ask("LogMeal", invalid, n) for n in range(40)))
        codes.update(batch)
    assert codes == {"INVALID_ARGUMENT": 400}
    assert await left() == (10, 50, 10)
    codes = await asyncio.gather(*(ask("LogMeal", LOG_MEAL, n) for n in range(60)))
    assert Counter(codes) == {"OK": 50, "RESOURCE_EXHAUSTED": 10}
