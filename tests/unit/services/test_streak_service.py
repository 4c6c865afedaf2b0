"""The stored streak equals what the meals say, whatever happened in between."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dietcare.clock import new_id as random_id
from dietcare.domain.meal import MealFilter
from dietcare.domain.streak import INTENT_LIFETIME, Intent, streak
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.services.bookkeeping import Changed, Did
from dietcare.services.shielded import Shielded
from dietcare.services.streak import StreakService

SEOUL = "Asia/Seoul"


@pytest.fixture
def log(services, build, user):
    async def logged(*days: str):
        for day in days:
            last = await services.meals.log(user, build.draft(f"{day}T03:00:00Z"), SEOUL)
        return last

    return logged


async def test_a_user_without_meals_has_an_empty_streak_and_nothing_stored(services, stored, user):
    found = await services.streaks.get(user, SEOUL)

    assert (found.current_streak, found.longest_streak, found.total_days_logged) == (0, 0, 0)
    assert found.last_logged_date is None
    assert await stored.streaks.get(user) is None


async def test_a_streak_grows_by_days_and_not_by_meals(log):
    days = ("2025-11-24", "2025-11-25", "2025-11-25", "2025-11-26", "2025-11-27", "2025-11-27")

    logged = await log(*days)

    assert (logged.streak.current_streak, logged.streak.total_days_logged) == (4, 4)


async def test_today_may_still_be_empty_but_not_yesterday_too(log, services, user, clock):
    await log("2025-11-26", "2025-11-27")

    clock.set("2025-11-28T14:59:59.999Z")  # the last moment of the 28th in Seoul
    assert (await services.streaks.get(user, SEOUL)).current_streak == 2
    clock.set("2025-11-28T15:00:00Z")
    ended = await services.streaks.get(user, SEOUL)
    assert (ended.current_streak, ended.longest_streak) == (0, 2)
    assert ended.last_logged_date == date(2025, 11, 27)


async def test_today_is_that_of_the_zone_asked_for(log, services, user, clock):
    await log("2025-11-26", "2025-11-27")
    clock.set("2025-11-28T20:00:00Z")  # the 29th in Seoul, the 28th in Honolulu

    assert (await services.streaks.get(user, SEOUL)).current_streak == 0
    assert (await services.streaks.get(user, "Pacific/Honolulu")).current_streak == 2


async def test_a_meal_of_an_earlier_date_closes_a_gap(log):
    await log("2025-11-23", "2025-11-24", "2025-11-26", "2025-11-27")

    logged = await log("2025-11-25")

    assert (logged.streak.current_streak, logged.streak.longest_streak) == (5, 5)


async def test_a_gap_starts_a_new_streak_and_the_longest_stays(log):
    logged = await log("2025-11-20", "2025-11-21", "2025-11-22", "2025-11-27")

    assert (logged.streak.current_streak, logged.streak.longest_streak) == (1, 3)


async def test_a_travellers_tomorrow_does_not_count_at_home(log, services, build, user, clock):
    await log("2025-11-26", "2025-11-27")
    clock.set("2025-11-27T12:00:00Z")  # the 28th in Kiritimati
    draft = build.draft("2025-11-27T12:00:00Z", time_zone="Pacific/Kiritimati")

    logged = await services.meals.log(user, draft, SEOUL)

    assert logged.streak.current_streak == 3
    assert (await services.streaks.get(user, SEOUL)).current_streak == 2


async def test_a_streak_heals_when_its_writer_died_after_the_meal(
    log, services, stored, user, build, clock, new_id
):
    await log("2025-11-26")
    # Two crashes: a new date, and an earlier one, were stored and nothing after them.
    for day in ("2025-11-27", "2025-11-20"):
        await stored.streaks.begin(user, Intent(new_id(), clock.now()))
        await stored.meals.insert(user, build.meal(day))

    found = await services.streaks.get(user, SEOUL)
    clock.advance(seconds=INTENT_LIFETIME.total_seconds() + 1)

    assert (found.current_streak, found.total_days_logged) == (2, 3)
    assert await services.streaks.get(user, SEOUL) == found
    record = await stored.streaks.get(user)
    assert (record.is_settled, record.total_days_logged) == (True, 3)


async def test_a_read_of_what_is_right_writes_nothing(log, services, stored, user):
    await log("2025-11-26", "2025-11-27")
    before = await stored.streaks.get(user)

    await services.streaks.get(user, SEOUL)

    assert await stored.streaks.get(user) == before


async def test_every_change_moves_the_revision(log, services, stored, user):
    """Twice: its intent does, and what it did."""
    logged = await log("2025-11-26", "2025-11-26", "2025-11-27", "2025-11-20")
    assert (await stored.streaks.get(user)).revision == 8

    await services.meals.delete(user, logged.meal.id, SEOUL)
    assert (await stored.streaks.get(user)).revision == 10


async def test_history_keeps_366_days_when_it_is_extended(log, services, stored, user, build):
    newest = date(2025, 11, 26)
    for back in range(400):
        await stored.meals.insert(user, build.meal(str(newest - timedelta(days=back))))
    assert (await services.streaks.get(user, SEOUL)).current_streak == 400

    await log("2025-11-27")

    history = await stored.streaks.history(user)
    assert ((await stored.streaks.get(user)).last_run, len(history)) == (401, 366)
    assert (history[0], history[1]) == (date(2025, 11, 27), newest)


DAYS = st.integers(0, 9).map(lambda back: date(2025, 11, 27) - timedelta(days=back))
STEPS = st.lists(st.tuples(st.sampled_from(["log", "delete"]), DAYS), max_size=12)


@given(st.lists(STEPS, min_size=2, max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_writers_at_once_leave_what_the_meals_say(clock, build, user, writers):
    async def play() -> None:
        stored = MemoryBackend().repositories
        meals = stored.meals

        async def writer(number: int, steps) -> None:
            # Each as a process of its own: within one they would take turns.
            service = StreakService(stored.streaks, Slow(meals), clock, random_id, Shielded())
            for index, (kind, day) in enumerate(steps):
                meal = replace(build.meal(str(day)), id=f"{number:04x}{index:020x}")

                async def insert(meal=meal):
                    await asyncio.sleep(0)
                    await meals.insert(user, meal)
                    return Changed(None, meal.local_date)

                async def delete(day=day):
                    where = MealFilter(first_date=day, last_date=day)
                    found = (await meals.page(user, where, skip=0, limit=1)).meals
                    await asyncio.sleep(0)
                    gone = [await meals.delete(user, each.id) for each in found]
                    return Changed(None, Did.ANYTHING if any(gone) else Did.NOTHING)

                await service.changing(user, SEOUL, insert if kind == "log" else delete)

        await asyncio.gather(*(writer(number, steps) for number, steps in enumerate(writers)))
        service = StreakService(stored.streaks, meals, clock, random_id, Shielded())
        seen = await service.get(user, SEOUL)
        days = await meals.tally(user)
        assert seen == streak(days, date(2025, 11, 27))
        assert await service.meals_total(user) == sum(days.values())
        record = await stored.streaks.get(user)
        assert record is None or not record.intents

    asyncio.run(play())


class Slow:
    """Lets others run between reading the days and using them."""

    def __init__(self, meals) -> None:
        self._meals = meals

    async def tally(self, user_id):
        days = await self._meals.tally(user_id)
        await asyncio.sleep(0)
        return days
