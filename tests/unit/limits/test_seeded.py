"""Counters in the process are seeded once, and never ahead of what is stored."""

import asyncio

import pytest

from dietcare.domain.quota import DAY_WINDOW_S, Limit, LimitName
from dietcare.errors import DatabaseConnectionError
from dietcare.limits.seeded import SeededCounters

MEALS = Limit(LimitName.MEALS, 3, DAY_WINDOW_S)


class Inner:
    """Counts how often it is read; see GatedCounters for the rest."""

    def __init__(self, gated):
        self.gated = gated
        self.reads = 0
        self.take, self.give_back = gated.take, gated.give_back

    async def count(self, user_id, window, now):
        self.reads += 1
        await self.gated.open.wait()
        if self.gated.error is not None:
            raise self.gated.error
        return await self.gated.read(user_id, window, now)


@pytest.fixture
def inner(gated):
    return Inner(gated)


@pytest.fixture
def counters(inner):
    return SeededCounters(inner)


@pytest.fixture
def today(clock):
    return MEALS.window(clock.now())


@pytest.fixture
def take(counters, user, today, clock):
    async def take_one(maximum=3):
        taken = await counters.take(user, today, maximum, clock.now())
        return taken and taken.count

    return take_one


async def test_first_uses_at_once_read_what_is_stored_once(take, inner, user, today, clock):
    await inner.take(user, today, 3, clock.now())
    granted = await asyncio.gather(*(take() for _ in range(50)))
    assert inner.reads == 1
    assert sorted(filter(None, granted)) == [2, 3]


async def test_a_refusal_asks_nobody(take, inner, gated):
    for _ in range(3):
        await take()
    gated.asked.clear()
    assert [await take() for _ in range(100)] == [None] * 100
    assert gated.asked == []
    assert inner.reads == 1


async def test_a_unit_is_stored_before_it_is_granted(take, gated):
    gated.open.clear()
    taking = asyncio.create_task(take())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not taking.done()
    gated.open.set()
    assert await taking == 1


async def test_who_waits_for_the_first_read_is_not_cancelled_with_another(take, gated):
    gated.open.clear()
    first, second = asyncio.create_task(take()), asyncio.create_task(take())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    gated.open.set()
    assert await second == 1
    assert first.cancelled()


async def test_a_read_that_fails_is_tried_by_the_next(take, inner, gated):
    gated.error = DatabaseConnectionError()
    with pytest.raises(DatabaseConnectionError):
        await take()
    gated.error = None
    assert await take() == 1
    assert inner.reads == 2


async def test_a_write_that_failed_is_believed_to_be_what_is_stored(take, gated, user, today):
    assert await take() == 1
    gated.fails_after = DatabaseConnectionError()  # written, but its answer is lost
    with pytest.raises(DatabaseConnectionError):
        await take()
    gated.fails_after = None
    assert [await take(), await take()] == [3, None]


async def test_a_write_that_never_was_costs_nothing(take, gated):
    assert await take() == 1
    gated.error = DatabaseConnectionError()
    with pytest.raises(DatabaseConnectionError):
        await take()
    gated.error = None
    assert [await take(), await take(), await take()] == [2, 3, None]


async def test_another_process_that_counts_there_gets_no_unit_twice(
    take, inner, user, today, clock
):
    assert await take() == 1
    await inner.take(user, today, 3, clock.now())
    await inner.take(user, today, 3, clock.now())
    assert await take() is None
    await inner.give_back(user, today, clock.now())
    assert await take() == 3
