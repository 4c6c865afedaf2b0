"""Goals out of a cache: always those in force, also when readers and writers race."""

import asyncio

import pytest

from dietcare.cache.goals import BAR_S, CachedGoalRepository
from dietcare.cache.port import goal_key
from dietcare.domain.goal import CkdStage, Dialysis, GoalChange
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import DatabaseConnectionError
from dietcare.repositories.memory.goals import MemoryGoalRepository
from dietcare.services.goal import GoalService


class Counting(MemoryGoalRepository):
    """Counts its reads; `hold`, where it is set, keeps a read back once it `has_read`."""

    reads = 0
    hold: asyncio.Event | None = None
    down = False

    def __init__(self) -> None:
        super().__init__()
        self.has_read = asyncio.Event()

    async def get(self, user_id):
        self.reads += 1
        found = await super().get(user_id)
        self.has_read.set()
        if self.hold is not None:
            await self.hold.wait()
        return found

    async def put(self, user_id, goals):
        if self.down:
            raise DatabaseConnectionError
        return await super().put(user_id, goals)


@pytest.fixture
def inner() -> Counting:
    return Counting()


@pytest.fixture
def cached(inner, cache) -> CachedGoalRepository:
    return CachedGoalRepository(inner, cache)


def test_the_key_is_the_seeds(user):
    assert goal_key(user) == f"diet:goal:{user}"


async def test_goals_are_read_once_and_come_back_whole(cached, inner, cache, build, user):
    goals = build.goals(
        ckd_stage=CkdStage.FIVE,
        dialysis=Dialysis.PERITONEAL,
        weight_kg=62.5,
        chosen=Nutrients(sodium_mg=1800.5),
    )
    await inner.put(user, goals)

    assert [await cached.get(user) for _ in range(3)] == [goals] * 3
    assert inner.reads == 1


async def test_absent_goals_are_not_cached(cached, inner, build, user):
    assert await cached.get(user) is None
    await inner.put(user, build.goals())

    assert await cached.get(user) == build.goals()


async def test_an_update_is_written_through(cached, inner, build, user):
    assert await cached.put(user, build.goals())
    newer = build.goals(version=2, chosen=Nutrients(sodium_mg=1700))
    assert await cached.put(user, newer)

    assert await cached.get(user) == newer
    assert inner.reads == 0
    assert len(await cached.versions(user)) == 2


async def test_what_a_change_brought_up_is_not_kept(cached, clock, new_id, user):
    service = GoalService(cached, clock, new_id)
    await service.update(user, GoalChange(Nutrients(sodium_mg=1800), CkdStage.ONE))

    changed = await service.update(user, GoalChange(ckd_stage=CkdStage.FOUR))

    assert [each.code for each in changed.warnings] == ["STAGE_CHANGED"]
    assert (await service.get(user)).warnings == ()


async def test_a_lost_update_leaves_no_stale_value(cached, build, user):
    await cached.put(user, build.goals())
    newer = build.goals(version=2, chosen=Nutrients(sodium_mg=1700))
    await cached.put(user, newer)

    assert not await cached.put(user, build.goals(version=2, chosen=Nutrients(sodium_mg=999)))

    assert await cached.get(user) == newer


async def test_a_slow_reader_does_not_cover_what_was_written_meanwhile(cached, inner, build, user):
    await inner.put(user, build.goals())
    inner.hold = asyncio.Event()
    reader = asyncio.create_task(cached.get(user))
    await inner.has_read.wait()
    newer = build.goals(version=2, chosen=Nutrients(sodium_mg=1700))
    await cached.put(user, newer)

    inner.hold.set()

    assert (await reader).version == 1
    assert await cached.get(user) == newer


async def test_a_slow_reader_brings_no_erased_goals_back(cached, inner, cache, build, user):
    await inner.put(user, build.goals())
    inner.hold = asyncio.Event()
    reader = asyncio.create_task(cached.get(user))
    await inner.has_read.wait()
    assert await cached.erase(user) == 1

    inner.hold.set()
    await reader

    assert await cached.get(user) is None
    assert not await cache.get(goal_key(user))


async def test_an_erased_user_starts_anew(inner, memory, timer, clock, new_id, user):
    service = GoalService(CachedGoalRepository(inner, memory), clock, new_id)
    await service.update(user, GoalChange(ckd_stage=CkdStage.ONE))
    await service.update(user, GoalChange(weight_kg=70))
    await service._goals.erase(user)

    await service.update(user, GoalChange(ckd_stage=CkdStage.FOUR))

    assert (await service.get(user)).ckd_stage is CkdStage.FOUR
    timer.at += BAR_S
    reads = inner.reads
    assert (await service.get(user)).version == (await service.get(user)).version == 1
    assert inner.reads == reads + 1  # cached again once the bar is gone


async def test_an_update_whose_outcome_is_unknown_leaves_no_stale_value(cached, inner, build, user):
    await cached.put(user, build.goals())
    inner.down = True
    newer = build.goals(version=2, chosen=Nutrients(sodium_mg=1700))
    with pytest.raises(DatabaseConnectionError):
        await cached.put(user, newer)

    inner.down = False
    await inner.put(user, newer)  # it had landed

    assert await cached.get(user) == newer


@pytest.mark.parametrize("garbage", [b"\xff\x00", b"{}", b"null", b"[]", b'{"id": 1}', b"x" * 9])
async def test_a_value_that_can_not_be_read_is_dropped(cached, cache, build, user, inner, garbage):
    await inner.put(user, build.goals())
    await cache.put(goal_key(user), garbage, 60)

    assert await cached.get(user) == build.goals()
    assert await cached.get(user) == build.goals()
    assert inner.reads == 1
