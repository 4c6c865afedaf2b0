"""The stored streak equals what the meals say, whatever happened in between."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dietcare.domain.streak import record_of, streak
from dietcare.repositories.memory.backend import MemoryBackend
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
    log, services, stored, user, build
):
    await log("2025-11-26")
    # Two crashes: a new date, and an earlier one, were stored and nothing after them.
    await stored.meals.insert(user, build.meal("2025-11-27"))
    await stored.meals.insert(user, build.meal("2025-11-20"))

    found = await services.streaks.get(user, SEOUL)

    assert (found.current_streak, found.total_days_logged) == (2, 3)
    assert (await stored.streaks.get(user)).total_days_logged == 3


async def test_a_read_of_what_is_right_writes_nothing(log, services, stored, user):
    await log("2025-11-26", "2025-11-27")
    before = await stored.streaks.get(user)

    await services.streaks.get(user, SEOUL)

    assert await stored.streaks.get(user) == before


async def test_every_change_moves_the_revision(log, services, stored, user):
    logged = await log("2025-11-26", "2025-11-26", "2025-11-27", "2025-11-20")
    assert (await stored.streaks.get(user)).revision == 4

    await services.meals.delete(user, logged.meal.id, SEOUL)
    assert (await stored.streaks.get(user)).revision == 5


async def test_history_keeps_366_days_when_it_is_extended(services, stored, user):
    newest = date(2025, 11, 26)
    days = [newest - timedelta(days=back) for back in range(400)]
    await stored.streaks.put(user, record_of(days, revision=1))

    await services.streaks.logged(user, newest + timedelta(days=1), SEOUL)

    record = await stored.streaks.get(user)
    assert (record.last_run, len(record.history)) == (401, 366)
    assert record.history[0] == date(2025, 11, 27)


DAYS = st.integers(0, 9).map(lambda back: date(2025, 11, 27) - timedelta(days=back))
STEPS = st.lists(st.tuples(st.sampled_from(["log", "delete"]), DAYS), max_size=12)


@given(st.lists(STEPS, min_size=2, max_size=3))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_writers_at_once_leave_what_the_meals_say(clock, build, user, writers):
    async def play() -> None:
        backend = MemoryBackend()
        stored = backend.repositories
        service = StreakService(stored.streaks, Slow(stored.meals), clock)

        async def writer(number: int, steps) -> None:
            for index, (kind, day) in enumerate(steps):
                meal = replace(build.meal(str(day)), id=f"{number:04x}{index:020x}")
                await asyncio.sleep(0)
                if kind == "log":
                    await stored.meals.insert(user, meal)
                    await service.logged(user, day, SEOUL)
                elif theirs := await stored.meals.between(user, day, day):
                    await stored.meals.delete(user, theirs[0].id)
                    await service.changed(user, SEOUL)

        await asyncio.gather(*(writer(number, steps) for number, steps in enumerate(writers)))
        record = await stored.streaks.get(user)
        days = await stored.meals.days(user)
        today = date(2025, 11, 27)
        assert (record.on(today) if record else streak([], today)) == streak(days, today)

    asyncio.run(play())


class Slow:
    """Lets others run between reading the days and using them."""

    def __init__(self, meals) -> None:
        self._meals = meals

    async def days(self, user_id):
        days = await self._meals.days(user_id)
        await asyncio.sleep(0)
        return days
