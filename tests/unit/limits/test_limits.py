"""Limits over fixed windows and over sessions, exact under any concurrency."""

import asyncio

import pytest

from dietcare.domain.quota import DAY_WINDOW_S, Limit, LimitName, LimitStatus, Window
from dietcare.errors import (
    AnalysisLimitExceededError,
    GoalUpdateLimitExceededError,
    MealLogLimitExceededError,
    RateLimitExceededError,
)
from dietcare.limits.session import SessionLimit
from dietcare.limits.window import WindowLimit
from dietcare.repositories.memory.counters import SWEEP_EVERY_MIN, MemoryCounters
from dietcare.repositories.port import counter_name


@pytest.fixture
def counters() -> MemoryCounters:
    return MemoryCounters()


@pytest.fixture
def limits(counters, services, clock):
    meals = Limit(LimitName.MEALS, 50, DAY_WINDOW_S)
    goals = Limit(LimitName.GOAL_UPDATES, 10, DAY_WINDOW_S)
    return {
        "analyses": SessionLimit(services.sessions),
        "meals": WindowLimit(meals, counters, clock, MealLogLimitExceededError),
        "goal_updates": WindowLimit(goals, counters, clock, GoalUpdateLimitExceededError),
    }


CASES = [
    ("analyses", 10, AnalysisLimitExceededError, "2025-11-27T04:00:00Z", 3_600),
    ("meals", 50, MealLogLimitExceededError, "2025-11-28T00:00:00Z", 75_600),
    ("goal_updates", 10, GoalUpdateLimitExceededError, "2025-11-28T00:00:00Z", 75_600),
]


@pytest.mark.parametrize(("name", "units", "exceeded", "reset_at", "seconds"), CASES)
async def test_exactly_so_many_get_through_at_once(
    limits, build, user, name, units, exceeded, reset_at, seconds
):
    answers = await asyncio.gather(
        *(limits[name].take(user) for _ in range(1_000)), return_exceptions=True
    )

    refused = [each for each in answers if isinstance(each, RateLimitExceededError)]
    tickets = [each for each in answers if not isinstance(each, BaseException)]
    assert (len(tickets), len(refused)) == (units, 1_000 - units)
    assert sorted(each.status.remaining for each in tickets) == list(range(units))
    assert {type(each) for each in refused} == {exceeded}
    assert refused[0].limit == units
    assert refused[0].reset_at == build.instant(reset_at)
    assert refused[0].retry_after_s == seconds


@pytest.mark.parametrize(("name", "units", "exceeded", "reset_at", "seconds"), CASES)
async def test_the_status_costs_nothing(
    limits, build, user, name, units, exceeded, reset_at, seconds
):
    whole = LimitStatus(units, units, build.instant(reset_at))

    assert [await limits[name].status(user) for _ in range(60)] == [whole] * 60


@pytest.mark.parametrize("name", ["analyses", "meals", "goal_updates"])
async def test_a_unit_given_back_can_be_taken_again(limits, user, other, name):
    limit = limits[name]
    ticket = await limit.take(user)
    left = ticket.status.remaining
    for _ in range(left):
        await limit.take(user)

    given = await limit.give_back(user, ticket)

    assert given.remaining == 1
    assert (await limit.take(user)).status.remaining == 0
    with pytest.raises(RateLimitExceededError):
        await limit.take(user)
    assert (await limit.take(other)).status.remaining == left


async def test_windows_are_days_of_the_epoch(limits, clock, user, build):
    clock.set("2025-11-27T23:59:59.999Z")
    for _ in range(50):
        ticket = await limits["meals"].take(user)
    assert ticket.status.reset_at == build.instant("2025-11-28T00:00:00Z")
    name = counter_name(user, ticket.counted.window)
    assert name == f"rate:{user}:meals:20419"  # days since 1970-01-01

    clock.set("2025-11-28T00:00:00Z")

    ticket = await limits["meals"].take(user)
    assert ticket.status.remaining == 49
    assert counter_name(user, ticket.counted.window) == f"rate:{user}:meals:20420"
    assert ticket.status.reset_at == build.instant("2025-11-29T00:00:00Z")


async def test_counters_of_windows_that_are_over_are_forgotten(counters, clock, build):
    old = Window("meals:1", build.instant("2025-11-27T04:00:00Z"))
    new = Window("meals:2", build.instant("2025-11-27T05:00:00Z"))
    for number in range(SWEEP_EVERY_MIN - 1):
        await counters.take(f"old {number}", old, 1, clock.now())
    clock.set("2025-11-27T04:00:00Z")

    await counters.take("new", new, 1, clock.now())

    assert list(counters._counts) == [counter_name("new", new)]


async def test_giving_back_a_session_that_a_ticket_lacks_tells_the_status(limits, user):
    ticket = await limits["meals"].take(user)

    assert (await limits["analyses"].give_back(user, ticket)).remaining == 10
