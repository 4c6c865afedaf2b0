"""The tests of erasure can fail: each safeguard, switched off, makes one of them fail.

A scenario is what a test of tests/integration/erasure does. It finds nothing with every safeguard
in place, and something without one of them.
"""

import asyncio
from contextlib import asynccontextmanager

import pytest
from erasure_world import open_world

from dietcare.cache.goals import CachedGoalRepository
from dietcare.cache.memory import MemoryCache
from dietcare.clock import SystemClock
from dietcare.domain.erasure import Erasure, Spared
from dietcare.erasure import eraser, registry
from dietcare.erasure.eraser import Eraser
from dietcare.erasure.fence import Fence
from dietcare.erasure.watch import FRESH_S, Watch
from dietcare.limits.pseudonym import Pseudonyms
from dietcare.repositories.memory.erasures import MemoryErasureJournal
from dietcare.v1 import analysis_pb2, goal_pb2


@pytest.fixture
async def world():
    async with open_world() as world:
        yield world


# Scenarios: each returns what is wrong.


async def left_of_everything(world):
    await world.fill()
    await world.erase()
    return await world.left()


async def left_of_a_late_meal(world):
    late = await world.one.stopped("meals.insert before", world.user, "LogMeal", world.meal)
    await world.erase()
    world.one.gate.open()
    await late
    return await world.left()


async def left_of_a_late_analysis(world):
    """It has not written anything yet when its user is erased."""
    request = analysis_pb2.AnalyzeFoodRequest(image_data=b"photo")
    late = await world.one.stopped("vision", world.user, "AnalyzeFood", request)
    await world.erase()
    world.one.gate.open()
    await late
    return await world.left()


async def left_of_an_erasure_that_died(world):
    """Its process was killed after it had noted it."""
    await world.fill()
    erasure = Erasure("0" * 24, world.user, "unknown/1/1/dead/1", world.clock.now())
    await world.backend.repositories.erasures.begin(world.user, erasure)
    await world.settle()
    return await world.left()


async def new_meals_that_went_with_late_ones(world):
    await world.erase()
    await world.log()
    await world.backend.repositories.meals.insert(world.user, world.late_meal())
    await world.settle()
    return 1 - await world.backend.repositories.meals.count(world.user)


async def goals_that_are_still_shown(world):
    await world.fill()
    await world.erase()
    shown = await world.two.call(world.user, "GetGoals", goal_pb2.GetGoalsRequest())
    return [] if shown.reason == "GOAL_NOT_FOUND" else [shown.message]


async def counters_that_name_the_user(world):
    await world.log()
    await world.erase()
    return [name for name in world.backend.repositories.counters._counts if world.user in name]


SCENARIOS = (
    left_of_everything,
    left_of_a_late_meal,
    left_of_a_late_analysis,
    left_of_an_erasure_that_died,
    new_meals_that_went_with_late_ones,
    goals_that_are_still_shown,
    counters_that_name_the_user,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.__name__)
async def test_with_every_safeguard_each_scenario_holds(world, scenario):
    assert not await scenario(world)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("meal_logs", "meal"),
        ("nutrition_analyses", "analysis"),
        ("diet_goals", "goals"),
        ("idempotency_keys", "keys"),
    ],
)
async def test_what_is_not_registered_outlives_an_erasure(world, monkeypatch, name, left):
    listed = tuple(each for each in registry.HOLDINGS if name not in each.names)
    monkeypatch.setattr(eraser, "HOLDINGS", listed)
    monkeypatch.setattr(eraser, "Erased", lambda **counts: eraser_answer(counts))
    assert any(each.startswith(left) for each in await left_of_everything(world))


def eraser_answer(counts):
    none = dict.fromkeys(("meals", "analyses", "goals", "sessions", "streaks"), 0)
    return ERASED(**{**none, **counts})


ERASED = eraser.Erased


async def test_without_the_fence_a_late_meal_stays(world, monkeypatch):
    @asynccontextmanager
    async def unfenced(self, user_id, record_id=None):
        yield

    monkeypatch.setattr(Fence, "writing", unfenced)
    assert await left_of_a_late_meal(world)


async def test_without_the_note_at_its_begin_a_call_takes_itself_for_one_after(world, monkeypatch):
    async def unnoted(self, user_id):
        return None

    monkeypatch.setattr(Fence, "enter", unnoted)
    assert await left_of_a_late_analysis(world)


async def test_an_entry_that_nobody_heeds_leaves_everything(world, monkeypatch):
    monkeypatch.setattr(Eraser, "_is_left", lambda self, seen, now: False)
    assert await left_of_an_erasure_that_died(world)


async def test_without_what_is_spared_new_meals_go_with_the_late_ones(world, monkeypatch):
    async def nothing(self, user_id):
        return Spared(may_start=True)

    monkeypatch.setattr(MemoryErasureJournal, "spared", nothing)
    assert await new_meals_that_went_with_late_ones(world)


async def test_without_the_floor_erased_goals_are_shown_out_of_the_cache(world, monkeypatch):
    async def remembers(self, user_id):
        return True

    cache = MemoryCache(lambda: 0.0)  # one for both, as Redis is

    for name in ("get", "put", "put_version"):
        monkeypatch.setattr(MemoryCache, name, passing_to(getattr(MemoryCache, name), cache))
    monkeypatch.setattr(CachedGoalRepository, "forget", remembers)
    assert await goals_that_are_still_shown(world)


def passing_to(method, cache):
    return lambda _self, *given: method(cache, *given)


async def test_without_the_hash_counters_name_the_user(world, monkeypatch):
    monkeypatch.setattr(Pseudonyms, "of", lambda self, subject: subject)
    assert await counters_that_name_the_user(world)


async def stale_knowledge_at_the_deletion(waits, user="0" * 24):
    """Whether, when an erasure goes on to delete, somebody still knows nothing of it.

    The somebody looked just before it was noted, and nobody told them.
    """
    seconds, journal = [0.0], MemoryErasureJournal()
    theirs = Watch(journal, lambda: seconds[0])
    assert await theirs.of(user) is None
    await journal.begin(user, Erasure("e", user, "me", SystemClock().now()))
    seconds[0] += FRESH_S if waits else 0.0
    return await theirs.of(user) is None


async def test_without_the_wait_what_is_known_may_be_of_before():
    assert not await stale_knowledge_at_the_deletion(waits=True)
    assert await stale_knowledge_at_the_deletion(waits=False)


async def test_an_erasure_waits_for_as_long_as_knowledge_may_be_old():
    watch, loop = Watch(MemoryErasureJournal(), lambda: 0.0), asyncio.get_running_loop()
    began = loop.time()
    await watch.until_seen()
    assert loop.time() - began >= FRESH_S
