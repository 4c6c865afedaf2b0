"""Progress against the goals that held on each date."""

from datetime import date

import pytest

from dietcare.domain.goal import CkdStage, GoalChange, GoalSource
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.progress import Period
from dietcare.services.progress import ProgressService

SEOUL = "Asia/Seoul"
TODAY = date(2025, 11, 27)


@pytest.fixture
def daily(services, user):
    async def of(day: str, zone: str = SEOUL):
        return await services.progress.get(user, date.fromisoformat(day), Period.DAILY, zone)

    return of


@pytest.fixture
def set_goals(services, user, clock):
    """Set goals at an instant; the clock goes back to where it was."""

    async def at(instant: str, **nutrients):
        now = clock.now()
        clock.set(instant)
        await services.goals.update(user, GoalChange(Nutrients(**nutrients), CkdStage.THREE))
        clock.set(now.isoformat())

    return at


async def test_without_goals_the_defaults_of_the_configured_stage_stand_in(
    daily, services, stored, clock, user
):
    found = await daily("2025-11-27")
    assert found.balance.goals == Nutrients(2000, 50, 2000, 800)
    assert found.goals_source is GoalSource.DEFAULT

    strict = ProgressService(stored.meals, services.goals, clock, CkdStage.ONE)
    found = await strict.get(user, TODAY, Period.DAILY, SEOUL)
    assert found.balance.goals == Nutrients(2000, 60, 3500, 1000)


async def test_what_was_eaten_on_a_local_date_counts_for_it(daily, services, build, user):
    for at in ("2025-11-26T15:00:00Z", "2025-11-27T02:59:00Z", "2025-11-26T14:59:59Z"):
        await services.meals.log(user, build.draft(at), SEOUL)

    found = await daily("2025-11-27")

    assert found.balance.consumed == Nutrients(4, 10.4, 314, 378)
    assert (found.balance.meals_logged, found.day) == (2, TODAY)


async def test_a_deleted_meal_counts_no_more(daily, services, build, user):
    logged = await services.meals.log(user, build.draft(), SEOUL)
    assert (await daily("2025-11-27")).balance.meals_logged == 1

    await services.meals.delete(user, logged.meal.id, SEOUL)

    assert (await daily("2025-11-27")).balance.consumed == Nutrients(0, 0, 0, 0)


async def test_the_goals_of_a_date_are_those_in_force_when_it_ended(daily, set_goals):
    await set_goals("2025-11-20T03:00:00Z", sodium_mg=2300)
    await set_goals("2025-11-24T14:59:59.999Z", sodium_mg=1900)  # just before it ended in Seoul
    await set_goals("2025-11-25T15:00:00Z", sodium_mg=1700)  # as the 26th began

    async def sodium(day: str, zone: str = SEOUL) -> float | None:
        return (await daily(day, zone)).balance.goals.sodium_mg

    assert await sodium("2025-11-01") == 2300  # the first also holds for all days before
    assert await sodium("2025-11-23") == 2300
    assert await sodium("2025-11-24") == 1900
    assert await sodium("2025-11-25") == 1900
    assert await sodium("2025-11-26") == 1700
    assert await sodium("2025-11-27") == 1700
    # In New York the 25th ended fourteen hours later, after the last change.
    assert await sodium("2025-11-25", "America/New_York") == 1700


async def test_the_goals_of_today_are_those_in_force_now(daily, set_goals, clock):
    await set_goals("2025-11-27T02:00:00Z", sodium_mg=1900)
    await set_goals("2025-11-27T03:00:00.001Z", sodium_mg=1700)  # a moment from now

    assert (await daily("2025-11-27")).balance.goals.sodium_mg == 1900
    clock.advance(milliseconds=1)
    assert (await daily("2025-11-27")).balance.goals.sodium_mg == 1700
    assert (await daily("2025-12-24")).balance.goals.sodium_mg == 1700


async def test_low_protein_is_a_warning_only_when_the_day_is_over_there(
    daily, services, build, user, clock
):
    await services.meals.log(user, build.draft(), SEOUL)
    assert (await daily("2025-11-27")).balance.warnings == ()

    clock.set("2025-11-27T15:00:00Z")  # the 28th in Seoul, still the 27th in New York
    assert [each.code for each in (await daily("2025-11-27")).balance.warnings] == ["PROTEIN_LOW"]
    assert (await daily("2025-11-27", "America/New_York")).balance.warnings == ()


async def test_a_week_reads_its_seven_days_and_the_seven_before(services, build, user, set_goals):
    await set_goals("2025-11-20T00:00:00Z", sodium_mg=1900)
    await set_goals("2025-11-26T00:00:00Z", sodium_mg=1800)
    for day in ("13", "14", "20", "21", "27"):  # the 13th is too long ago
        soup = build.food("국", 300, sodium_mg=1000)
        await services.meals.log(user, build.draft(f"2025-11-{day}T02:00:00Z", soup), SEOUL)

    found = await services.progress.get(user, TODAY, Period.WEEKLY, SEOUL)

    assert (found.period, found.balance.consumed.sodium_mg) == (Period.WEEKLY, 2000)
    assert found.balance.goals.sodium_mg == 5 * 1900 + 2 * 1800
    assert (found.week.days_logged, found.week.daily_average.sodium_mg) == (2, 1000)
    assert found.week.trend["sodium_mg"].percent == 0
