"""A Redis that dies loses no request, is told of once, and is asked again when it is back."""

import pytest

from dietcare.domain.quota import DAY_WINDOW_S, Limit, LimitName
from dietcare.limits.outage import ASKED_AGAIN_AFTER_S, FallbackCounters, Outage
from dietcare.repositories.memory.counters import MemoryCounters

MEALS = Limit(LimitName.MEALS, 3, DAY_WINDOW_S)


class Timer:
    def __init__(self):
        self.at = 100.0

    def __call__(self):
        return self.at


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def fallbacks():
    return []


@pytest.fixture
def stored():
    return MemoryCounters()


@pytest.fixture
def outage(timer):
    return Outage(timer)


@pytest.fixture
def counters(gated, stored, outage, fallbacks):
    return FallbackCounters(gated, stored, outage, lambda: fallbacks.append(1))


@pytest.fixture
def take(counters, user, clock):
    async def take_one():
        now = clock.now()
        return await counters.take(user, MEALS.window(now), 3, now)

    return take_one


async def test_while_redis_answers_nobody_else_is_asked(take, gated, fallbacks):
    assert [(await take()).by for _ in range(3)] == [gated] * 3
    assert await take() is None
    assert fallbacks == []


async def test_the_call_that_finds_redis_dead_is_counted_elsewhere(
    take, gated, stored, fallbacks, unavailable
):
    await take()
    gated.error = unavailable
    taken = await take()
    assert (taken.by, taken.count, fallbacks) == (stored, 1, [1])


async def test_a_dead_redis_is_asked_once_a_second(take, gated, timer, unavailable):
    gated.error = unavailable
    for _ in range(5):
        await take()
    assert len(gated.asked) == 1
    timer.at += ASKED_AGAIN_AFTER_S
    for _ in range(5):
        await take()
    assert len(gated.asked) == 2


async def test_an_outage_is_logged_when_it_begins_and_when_it_ends(
    take, gated, timer, unavailable, caplog
):
    gated.error = unavailable
    for _ in range(3):
        timer.at += ASKED_AGAIN_AFTER_S
        await take()
    gated.error = None
    for _ in range(3):
        timer.at += ASKED_AGAIN_AFTER_S
        await take()
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "redis does not answer (ConnectionError)",
        "redis answers again",
    ]


async def test_limits_that_share_an_outage_learn_of_it_from_each_other(
    take, gated, stored, outage, user, clock, unavailable
):
    gated.error = unavailable
    await take()
    others = FallbackCounters(gated, stored, outage, lambda: None)
    await others.count(user, MEALS.window(clock.now()), clock.now())
    assert len(gated.asked) == 1


async def test_when_redis_is_back_it_goes_on_where_it_was(take, gated, timer, unavailable):
    await take()
    gated.error = unavailable
    await take()
    gated.error = None
    timer.at += ASKED_AGAIN_AFTER_S
    taken = await take()
    assert (taken.by, taken.count) == (gated, 2)


async def test_a_unit_goes_back_to_who_counted_it_across_the_end_of_an_outage(
    take, counters, gated, stored, timer, user, clock, unavailable
):
    now = clock.now()
    window = MEALS.window(now)
    await take()
    gated.error = unavailable
    during = await take()
    gated.error = None
    timer.at += ASKED_AGAIN_AFTER_S
    await during.by.give_back(user, window, now)
    assert await stored.count(user, window, now) == 0
    assert await counters.count(user, window, now) == 1
