"""Limits over fixed windows and over sessions, exact under any concurrency."""

import asyncio

import pytest

from dietcare.domain.quota import DAY_WINDOW_S, Limit, LimitName, LimitStatus
from dietcare.errors import (
    AnalysisLimitExceededError,
    GoalUpdateLimitExceededError,
    MealLogLimitExceededError,
    RateLimitExceededError,
)
from dietcare.limits.memory import SWEEP_EVERY, MemoryCounters
from dietcare.limits.session import SessionLimit
from dietcare.limits.window import WindowLimit


@pytest.fixture
def counters(clock) -> MemoryCounters:
    return MemoryCounters(clock)


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
    assert ticket.key == f"rate:{user}:meals:20419"  # days since 1970-01-01

    clock.set("2025-11-28T00:00:00Z")

    ticket = await limits["meals"].take(user)
    assert ticket.status.remaining == 49
    assert ticket.key == f"rate:{user}:meals:20420"
    assert ticket.status.reset_at == build.instant("2025-11-29T00:00:00Z")


async def test_what_is_given_back_after_its_window_is_no_credit_of_the_next(
    limits, clock, user, build
):
    old = await limits["goal_updates"].take(user)
    clock.set("2025-11-28T00:00:00Z")
    await limits["goal_updates"].take(user)

    status = await limits["goal_updates"].give_back(user, old)

    assert status == LimitStatus(10, 9, build.instant("2025-11-29T00:00:00Z"))


async def test_limits_count_apart(limits, user):
    await limits["meals"].take(user)

    assert (await limits["goal_updates"].status(user)).remaining == 10
    assert (await limits["meals"].status(user)).remaining == 49


async def test_a_counter_is_never_below_zero(counters, build):
    later = build.instant("2025-11-28T00:00:00Z")

    assert await counters.give_back("k") == 0
    assert await counters.take("k", 1, later) == 1
    assert [await counters.give_back("k") for _ in range(3)] == [0, 0, 0]
    assert await counters.take("k", 1, later) == 1
    assert await counters.take("k", 1, later) is None
    assert await counters.count("k") == 1


async def test_counters_of_windows_that_are_over_are_forgotten(counters, clock, build):
    for number in range(SWEEP_EVERY - 1):
        await counters.take(f"old {number}", 1, build.instant("2025-11-27T04:00:00Z"))
    clock.set("2025-11-27T04:00:00Z")

    await counters.take("new", 1, build.instant("2025-11-27T05:00:00Z"))

    assert list(counters._counts) == ["new"]


async def test_giving_back_a_session_that_a_ticket_lacks_tells_the_status(limits, user):
    ticket = await limits["meals"].take(user)

    assert (await limits["analyses"].give_back(user, ticket)).remaining == 10
