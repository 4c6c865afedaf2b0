"""The limits of the running windows are exact through an erasure, wherever they are counted."""

import asyncio
from collections import Counter

import pytest
from erasure_world import open_world

from dietcare.v1 import analysis_pb2, quota_pb2

LIMITS = {"limit_meals_per_day": 12, "limit_analyses_per_hour": 5}
ANALYZE = analysis_pb2.AnalyzeFoodRequest(image_data=b"photo")


@pytest.fixture(params=["shared", "sole"])
async def world(mongo, cached, request):
    """Sole: the counters are in the process, over what is stored in MongoDB or in memory."""
    is_sole = request.param == "sole"
    if is_sole and cached is not None:
        pytest.skip("with Redis the counters are there in any case")
    if mongo is None and not is_sole:
        pytest.skip("what memory stores belongs to the one process that holds it")
    async with open_world(mongo, cached, is_sole=is_sole, **LIMITS) as world:
        if is_sole:
            world.two = world.one
        yield world


async def quota(world):
    answer = await world.two.call(world.user, "GetQuota", quota_pb2.GetQuotaRequest())
    return answer.message.quota


async def test_an_erasure_gives_no_unit_back(world):
    for _ in range(7):
        assert (await world.log()).code == "OK"
    for _ in range(3):
        assert (await world.one.call(world.user, "AnalyzeFood", ANALYZE)).code == "OK"
    before = await quota(world)
    assert (before.meals.remaining, before.analyses.remaining) == (5, 2)
    await world.erase()
    assert await quota(world) == before
    meals = [(await world.log(each)).code for each in (world.one, world.two) * 3]
    assert Counter(meals) == {"OK": 5, "RESOURCE_EXHAUSTED": 1}
    asked = [await world.two.call(world.user, "AnalyzeFood", ANALYZE) for _ in range(3)]
    assert [each.code for each in asked] == ["OK", "OK", "RESOURCE_EXHAUSTED"]


async def test_the_hour_of_an_erased_user_ends_when_it_would_have(world):
    await world.one.call(world.user, "AnalyzeFood", ANALYZE)
    before = await quota(world)
    await world.erase()
    await world.one.call(world.user, "AnalyzeFood", ANALYZE)
    assert (await quota(world)).analyses.reset_at == before.analyses.reset_at


async def test_with_calls_and_erasures_at_once_no_unit_is_lost_or_won(world):
    async def log(n):
        return (await world.log((world.one, world.two)[n % 2])).code

    calls = [asyncio.create_task(log(n)) for n in range(30)]
    erasures = [asyncio.create_task(world.erase()) for _ in range(2)]
    codes = Counter(await asyncio.gather(*calls))
    assert {(await each).code for each in erasures} == {"OK"}
    assert set(codes) <= {"OK", "ABORTED", "RESOURCE_EXHAUSTED"}
    left = 12 - codes["OK"]
    assert (await quota(world)).meals.remaining == left
    after = Counter([await log(n) for n in range(15)])
    assert after == Counter({"OK": left, "RESOURCE_EXHAUSTED": 15 - left})


async def test_counters_and_the_open_session_stay_under_a_hash_alone(world):
    await world.log()
    await world.one.call(world.user, "AnalyzeFood", ANALYZE)
    await world.erase()
    sessions = world.backend.repositories.sessions
    assert (await sessions.current(world.pseudonym, world.clock.now())).analysis_count == 1
    assert await sessions.current(world.user, world.clock.now()) is None
    assert await world.left() == []  # the user's id is in no counter and no key
