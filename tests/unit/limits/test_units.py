"""No cancellation, and no failure on the way, loses a unit or gives one twice."""

import asyncio

import pytest

from dietcare.domain.quota import DAY_WINDOW_S, Limit, LimitName
from dietcare.errors import DatabaseConnectionError, MealLogLimitExceededError
from dietcare.limits import units as units_module
from dietcare.limits.units import Units
from dietcare.limits.window import WindowLimit

MEALS = Limit(LimitName.MEALS, 3, DAY_WINDOW_S)


@pytest.fixture
def limit(gated, clock):
    return WindowLimit(MEALS, gated, clock, MealLogLimitExceededError)


@pytest.fixture
def lost():
    return []


@pytest.fixture
def units(lost):
    return Units(lambda: lost.append(1))


async def count(gated, clock, user):
    return await gated.read(user, MEALS.window(clock.now()), clock.now())


async def test_a_ticket_says_what_is_left_and_when_it_is_whole_again(units, limit, user, clock):
    status = (await units.take(limit, user)).status
    assert (status.limit, status.remaining) == (3, 2)
    assert status.reset_at == MEALS.window(clock.now()).resets_at


async def test_none_left_is_an_error_that_says_when_to_come_again(units, limit, user, clock):
    for _ in range(3):
        await units.take(limit, user)
    with pytest.raises(MealLogLimitExceededError) as refused:
        await units.take(limit, user)
    assert refused.value.limit == 3
    assert refused.value.retry_after_s == 21 * 3600


async def test_a_caller_cancelled_while_it_takes_has_taken_nothing(
    units, limit, user, gated, clock
):
    gated.open.clear()
    taking = asyncio.create_task(units.take(limit, user))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert gated.asked == ["take"]
    gated.open.set()
    await units.aclose()
    assert gated.asked == ["take", "give_back"]
    assert await count(gated, clock, user) == 0


async def test_a_caller_cancelled_while_it_is_refused_gets_nothing_back(
    units, limit, user, gated, clock
):
    for _ in range(3):
        await units.take(limit, user)
    gated.open.clear()
    taking = asyncio.create_task(units.take(limit, user))
    await asyncio.sleep(0)
    taking.cancel()
    gated.open.set()
    await units.aclose()
    assert await count(gated, clock, user) == 3
    assert "give_back" not in gated.asked


async def test_a_caller_cancelled_while_it_gives_back_has_given_back(
    units, limit, user, gated, clock
):
    ticket = await units.take(limit, user)
    gated.open.clear()
    giving = asyncio.create_task(units.give_back(limit, user, ticket))
    await asyncio.sleep(0)
    giving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving
    gated.open.set()
    await units.aclose()
    assert await count(gated, clock, user) == 0


async def test_an_answer_does_not_wait_long_for_its_unit(
    units, limit, user, gated, clock, monkeypatch
):
    monkeypatch.setattr(units_module, "PATIENCE_S", 0.0)
    ticket = await units.take(limit, user)
    gated.open.clear()
    assert await units.give_back(limit, user, ticket) is None
    gated.open.set()
    await units.aclose()
    assert await count(gated, clock, user) == 0


async def test_a_unit_that_can_not_be_given_back_is_counted_as_lost(
    units, limit, user, gated, lost
):
    ticket = await units.take(limit, user)
    gated.error = DatabaseConnectionError()
    assert await units.give_back(limit, user, ticket) is None
    assert lost == [1]
    assert gated.asked == ["take", "give_back"]  # once: the first may have been counted


async def test_what_is_given_back_after_midnight_is_yesterdays(units, limit, user, clock):
    ticket = await units.take(limit, user)
    clock.advance(days=1)
    today = await units.take(limit, user)
    status = await units.give_back(limit, user, ticket)
    assert status is not None
    assert (status.remaining, status.reset_at) == (2, today.status.reset_at)
    assert (await limit.status(user)).remaining == 2
