"""Goals out of a cache: whatever races, an older version is never what the next read gets."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dietcare.cache.goals import FLOOR_TTL_S, CachedGoalRepository
from dietcare.cache.port import goal_key
from dietcare.domain.goal import CkdStage, Dialysis, GoalChange, Goals
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.warning import Warning
from dietcare.errors import DatabaseConnectionError
from dietcare.messages import Text
from dietcare.repositories.memory.goals import MemoryGoalRepository
from dietcare.services.goal import GoalService

AT = datetime(2025, 11, 27, 9, 30, tzinfo=UTC)


@pytest.fixture
def user():
    return os.urandom(12).hex()


@pytest.fixture
def first(user):
    goals_id = os.urandom(12).hex()
    stage = (CkdStage.THREE, Dialysis.NONE)
    return Goals(goals_id, user, *stage, None, Nutrients(sodium_mg=1800), AT)


class Slow(MemoryGoalRepository):
    """Waits after it has read, or fails before or after it has stored."""

    def __init__(self):
        super().__init__()
        self.read, self.go_on = asyncio.Event(), asyncio.Event()
        self.go_on.set()
        self.down = self.dies = False
        self.reads = 0

    async def get(self, user_id):
        found = await super().get(user_id)
        self.reads += 1
        self.read.set()
        await self.go_on.wait()
        return found

    async def put(self, user_id, goals):
        if self.down:
            raise DatabaseConnectionError
        stored = await super().put(user_id, goals)
        if self.dies:
            raise DatabaseConnectionError
        return stored


def after(goals, **changes):
    later = goals.updated_at + timedelta(minutes=1)
    return replace(goals, version=goals.version + 1, updated_at=later, **changes)


async def slow_read_during(inner, cache, user, change):
    """Start a read, let `change` happen once it has read from storage, and let it go on."""
    inner.read.clear()
    inner.go_on.clear()
    reading = asyncio.ensure_future(CachedGoalRepository(inner, cache).get(user))
    await inner.read.wait()
    await change
    inner.go_on.set()
    return await reading


async def a_slow_read_of_replaced_goals(cache, user, first):
    inner = Slow()
    await inner.put(user, first)
    second = after(first, weight_kg=60.0)
    await slow_read_during(inner, cache, user, CachedGoalRepository(inner, cache).put(user, second))
    assert await CachedGoalRepository(inner, cache).get(user) == second


async def test_a_slow_read_leaves_nothing_older_behind(cache, user, first):
    await a_slow_read_of_replaced_goals(cache, user, first)


async def test_without_versions_a_slow_read_leaves_older_goals_behind(cache, user, first):
    async def put_version(key, version, value, ttl_s):
        await cache.put(key, b"%d:%s" % (version, value), ttl_s)

    cache.put_version = put_version
    with pytest.raises(AssertionError):
        await a_slow_read_of_replaced_goals(cache, user, first)


def test_the_key_is_the_seeds(user):
    assert goal_key(user) == f"diet:goal:{user}"


async def test_goals_are_read_once_and_seen_whole_by_who_shares_the_cache(cache, user, first):
    inner = Slow()
    stage = {"ckd_stage": CkdStage.FIVE, "dialysis": Dialysis.PERITONEAL}
    first = replace(first, **stage, weight_kg=62.5, chosen=Nutrients(sodium_mg=1800.5))
    await inner.put(user, first)
    for _ in range(3):
        assert await CachedGoalRepository(inner, cache).get(user) == first
    assert inner.reads == 1


async def test_absent_goals_are_not_cached(cache, user, first):
    inner = Slow()
    goals = CachedGoalRepository(inner, cache)
    assert await goals.get(user) is None
    await inner.put(user, first)
    assert await goals.get(user) == first


async def test_an_update_is_written_through(cache, user, first):
    inner = Slow()
    goals = CachedGoalRepository(inner, cache)
    second = after(first, chosen=Nutrients(sodium_mg=1700))
    assert await goals.put(user, first)
    assert await goals.put(user, second)
    assert await goals.get(user) == second
    assert inner.reads == 0
    assert list(await goals.versions(user)) == [first, second]


async def test_an_update_of_which_nobody_knows_whether_it_landed_leaves_nothing_older(
    cache, user, first
):
    inner = Slow()
    goals = CachedGoalRepository(inner, cache)
    await goals.put(user, first)
    inner.down = True
    second = after(first)
    with pytest.raises(DatabaseConnectionError):
        await goals.put(user, second)
    inner.down = False
    await inner.put(user, second)  # it lands now
    assert await goals.get(user) == second


async def test_a_process_that_dies_before_it_has_cached_leaves_nothing_older(cache, user, first):
    inner = Slow()
    await CachedGoalRepository(inner, cache).put(user, first)
    inner.dies = True
    second = after(first)
    with pytest.raises(DatabaseConnectionError):
        await CachedGoalRepository(inner, cache).put(user, second)
    assert await CachedGoalRepository(inner, cache).get(user) == second


async def test_an_update_that_lost_leaves_the_winners_goals(cache, user, first):
    inner = Slow()
    goals = CachedGoalRepository(inner, cache)
    await goals.put(user, first)
    winner = after(first, weight_kg=60.0)
    assert await goals.put(user, winner)
    assert not await goals.put(user, after(first, weight_kg=90.0))
    assert await goals.get(user) == winner


async def test_a_slow_read_does_not_bring_back_erased_goals(cache, user, first):
    inner = Slow()
    await inner.put(user, first)
    await slow_read_during(inner, cache, user, CachedGoalRepository(inner, cache).erase(user))
    assert await CachedGoalRepository(inner, cache).get(user) is None
    assert await cache.get_version(goal_key(user)) is None


async def test_an_erased_user_starts_anew(memory, timer, clock, new_id, user):
    inner = Slow()
    goals = CachedGoalRepository(inner, memory)
    service = GoalService(goals, clock, new_id)
    await service.update(user, GoalChange(ckd_stage=CkdStage.ONE))
    await service.update(user, GoalChange(weight_kg=70))
    assert await goals.erase(user) == 1
    await service.update(user, GoalChange(ckd_stage=CkdStage.FOUR))
    assert (await service.get(user)).ckd_stage is CkdStage.FOUR
    timer.at += FLOOR_TTL_S
    reads = inner.reads
    assert (await service.get(user)).version == (await service.get(user)).version == 1
    assert inner.reads == reads + 1  # cached again once the floor is gone


async def test_warnings_of_a_change_are_not_cached(cache, user, first):
    warning = Warning("STAGE_CHANGED", "goals.sodium_mg", Text("warning.stage_default"))
    goals = CachedGoalRepository(Slow(), cache)
    await goals.put(user, replace(first, warnings=(warning,)))
    assert (await goals.get(user)).warnings == ()


async def test_what_another_release_has_cached_is_read_anew(cache, user, first):
    inner = Slow()
    await inner.put(user, first)
    unreadable = (b"\xff\x00", b"{}", b"null", b"[]", b'{"id": 1}', b"x" * 9, b"1:\xff", b"1:null")
    for unknown in (b'{"of": "before"}', b'1:{"of": "another"}', *unreadable):
        inner.reads = 0
        await cache.put(goal_key(user), unknown, 60)
        for _ in range(2):
            assert await CachedGoalRepository(inner, cache).get(user) == first
        assert inner.reads == 1


async def test_goals_that_hold_all_the_time_are_answered_from_the_cache(cache, user, first):
    inner = Slow()
    goals = CachedGoalRepository(inner, cache)
    await goals.put(user, first)
    second = after(first)
    await goals.put(user, second)
    reads = inner.reads
    later = second.updated_at + timedelta(days=1)
    assert list(await goals.versions_between(user, second.updated_at, later)) == [second]
    assert inner.reads == reads
    assert list(await goals.versions_between(user, AT, later)) == [first, second]
