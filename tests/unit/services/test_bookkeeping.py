"""What is kept of the meals: who is gone half-way, and what the next ones make of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from dietcare.clock import Clock, new_id
from dietcare.domain.food import Food
from dietcare.domain.meal import MealDraft, MealType, new_meal
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.streak import INTENT_LIFETIME, Intent
from dietcare.errors import DatabaseConnectionError
from dietcare.repositories.memory.meals import MemoryMealRepository
from dietcare.repositories.memory.streaks import MemoryStreakRepository
from dietcare.services.bookkeeping import Bookkeeper, Changed
from dietcare.services.shielded import Shielded
from dietcare.services.streak import StreakService

ZONE = "Asia/Seoul"
RICE = Food("밥", 210, Nutrients(2, 5.2, 157, 189))


class SetClock(Clock):
    at = datetime(2025, 11, 27, 9, 30, tzinfo=UTC)

    def now(self):
        return self.at


class Books:
    """The service over memory, and a way to log a meal through it."""

    def __init__(self):
        self.clock, self.user = SetClock(), new_id()
        self.streaks, self.meals, self.shielded = (
            MemoryStreakRepository(),
            MemoryMealRepository(),
            Shielded(),
        )
        self.service = StreakService(self.streaks, self.meals, self.clock, new_id, self.shielded)

    async def insert(self, days_ago=0):
        now = self.clock.now()
        draft = MealDraft(MealType.LUNCH, (RICE,), logged_at=now - timedelta(days=days_ago))
        meal = new_meal(draft, meal_id=new_id(), user_id=self.user, now=now, zone_name=ZONE)
        await self.meals.insert(self.user, meal)
        return Changed(meal.id, meal.local_date)

    async def log(self, days_ago=0):
        return await self.service.changing(self.user, ZONE, lambda: self.insert(days_ago))

    async def erase(self):
        """As an erasure does: how many meals, how many records."""
        books = Bookkeeper(self.streaks, self.meals, self.clock, new_id)
        await books.doubt(self.user)
        return await self.meals.erase(self.user), await books.erase(self.user)

    async def read(self):
        streak = await self.service.get(self.user, ZONE)
        return streak.current_streak, await self.service.meals_total(self.user)


@pytest.fixture
def books():
    return Books()


async def test_who_is_cancelled_half_way_has_changed_all_of_it(books):
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def change():
        begun.set()
        await go_on.wait()
        return await books.insert()

    call = asyncio.ensure_future(books.service.changing(books.user, ZONE, change))
    await begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    go_on.set()
    await books.shielded.drain()
    assert (await books.streaks.get(books.user)).is_settled
    assert await books.read() == (1, 1)


async def test_work_that_takes_too_long_is_ended_as_a_lost_database_is():
    with pytest.raises(DatabaseConnectionError):
        await Shielded(0.001).run(asyncio.Event().wait())


async def test_what_the_dead_leave_is_stored_again_once_nothing_more_comes_of_it(books):
    await books.log(1)
    await books.streaks.begin(books.user, Intent(new_id(), books.clock.now()))
    await books.insert()
    assert await books.read() == (2, 2)
    assert len((await books.streaks.get(books.user)).intents) == 1
    books.clock.at += INTENT_LIFETIME + timedelta(seconds=1)
    assert await books.read() == (2, 2)
    record = await books.streaks.get(books.user)
    assert (record.is_settled, record.meals_total) == (True, 2)


async def test_who_logs_after_somebody_died_is_told_of_both_meals(books):
    await books.log(2)
    await books.streaks.begin(books.user, Intent(new_id(), books.clock.now()))
    await books.insert(1)
    _, streak = await books.log(0)
    assert streak.current_streak == 3


async def test_who_was_taken_for_dead_and_is_not_is_counted_all_the_same(books):
    await books.log(1)

    async def change():
        books.clock.at += INTENT_LIFETIME + timedelta(seconds=1)
        assert await books.read() == (1, 1)
        assert (await books.streaks.get(books.user)).is_settled
        return await books.insert()

    await books.service.changing(books.user, ZONE, change)
    assert (await books.streaks.get(books.user)).is_settled
    assert await books.read() == (2, 2)


async def test_a_user_is_erased_also_while_a_meal_is_being_logged(books):
    await books.log(1)

    async def change():
        assert await books.erase() == (1, 1)
        return await books.insert()

    await books.service.changing(books.user, ZONE, change)
    assert await books.read() == (1, 1)


async def test_an_erasure_that_dies_half_way_is_read_right_and_may_be_repeated(books):
    await books.log(1)
    remove, books.streaks.remove = books.streaks.remove, None
    with pytest.raises(TypeError):
        await books.erase()
    books.streaks.remove = remove
    assert await books.read() == (0, 0)
    assert (await books.erase())[0] == 0
    assert await books.streaks.get(books.user) is None


async def test_reading_leaves_nothing_behind_of_who_has_no_meals(books):
    assert await books.read() == (0, 0)
    assert await books.streaks.get(books.user) is None


async def test_a_late_meal_on_a_day_that_has_one_is_added_without_computing(books):
    for days_ago in (2, 1, 0):
        await books.log(days_ago)
    books.meals.tally = None
    await books.log(2)
    assert await books.read() == (3, 4)
