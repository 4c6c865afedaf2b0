"""The tests of the streak can fail: each safeguard, switched off, makes one of them fail.

A scenario is a test that passes with every safeguard in place. The same scenario runs without one
of them too, and must then find what is wrong.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import naive_diary
import pytest
import seen_answers

from dietcare.clock import Clock, new_id
from dietcare.domain.food import Food
from dietcare.domain.meal import MealDraft, MealType, new_meal
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.streak import StreakRecord
from dietcare.errors import DatabaseConnectionError
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.services.bookkeeping import Changed
from dietcare.services.shielded import Shielded
from dietcare.services.streak import StreakService

NOW = datetime(2025, 11, 27, 9, 30, tzinfo=UTC)
ZONE = "Asia/Seoul"
RICE = Food("밥", 210, Nutrients(2, 5.2, 157, 189))


class Wrapped:
    """Another object but for what a subclass says."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)


class WithoutRevisionCheck(Wrapped):
    """Settles over whatever revision is there."""

    async def settle(self, user_id, intent_id, record, *, whole):
        there = await self._inner.get(user_id)
        anyway = replace(record, revision=there.revision + 1)
        return await self._inner.settle(user_id, intent_id, anyway, whole=whole)


class WithoutIntents(Wrapped):
    """Says that it has stored an intent."""

    async def begin(self, user_id, intent):
        there = await self._inner.get(user_id) or StreakRecord()
        return replace(there, intents=(*there.intents, intent))


class AfterInsert(Wrapped):
    """Lets something happen right after a meal was inserted, and before its streak is settled."""

    def __init__(self, inner, happens):
        super().__init__(inner)
        self._happens = happens

    async def insert(self, user_id, meal):
        await self._inner.insert(user_id, meal)
        await self._happens()


class Noon(Clock):
    def now(self):
        return NOW


def nothing(streaks):
    """Every safeguard in place."""
    return streaks


@pytest.fixture
async def stored(mongod_uri):
    backend = MongoBackend.open(mongod_uri, f"can_fail_{os.urandom(6).hex()}", driver="pymongo")
    await backend.migrate()
    yield backend.repositories
    await backend.aclose()


class Process:
    """What one process has of the service."""

    def __init__(self, streaks, meals):
        self.streaks = StreakService(streaks, meals, Noon(), new_id, Shielded())
        self._meals = meals

    async def log(self, user, days_ago):
        at = NOW - timedelta(days=days_ago)
        draft = MealDraft(MealType.LUNCH, (RICE,), logged_at=at)
        meal = new_meal(draft, meal_id=new_id(), user_id=user, now=NOW, zone_name=ZONE)

        async def insert():
            await self._meals.insert(user, meal)
            return Changed(None, meal.local_date)

        await self.streaks.changing(user, ZONE, insert)


async def assert_as_the_meals_say(stored, user):
    """What a fresh process reads is what `meal_logs` says."""
    reader = Process(stored.streaks, stored.meals)
    tally = await stored.meals.tally(user)
    seen = seen_answers.streak(await reader.streaks.get(user, ZONE))
    assert seen == naive_diary.streak(set(tally), NOW.date())
    assert await reader.streaks.meals_total(user) == sum(tally.values())


async def two_at_once(stored, switched_off):
    """A second process logs a meal between another one's meal and its streak."""
    user, streaks = new_id(), switched_off(stored.streaks)
    second = Process(streaks, stored.meals)
    await second.log(user, 2)

    async def overtake():
        await second.log(user, 0)

    first = Process(streaks, AfterInsert(stored.meals, overtake))
    await first.log(user, 1)
    await assert_as_the_meals_say(stored, user)


async def dying(stored, switched_off):
    """A process is gone between the meal and the streak; another one reads."""
    user, streaks = new_id(), switched_off(stored.streaks)
    await Process(stored.streaks, stored.meals).log(user, 1)

    async def die():
        raise DatabaseConnectionError

    with pytest.raises(DatabaseConnectionError):
        await Process(streaks, AfterInsert(stored.meals, die)).log(user, 0)
    await assert_as_the_meals_say(stored, user)


async def test_two_processes_that_log_at_once_are_both_counted(stored):
    await two_at_once(stored, nothing)


async def test_without_the_revision_check_one_of_two_is_lost(stored):
    with pytest.raises(AssertionError):
        await two_at_once(stored, WithoutRevisionCheck)


async def test_what_a_process_leaves_that_died_after_its_meal_is_read_right(stored):
    await dying(stored, nothing)


async def test_without_intents_what_a_dead_process_leaves_is_read_wrong(stored):
    with pytest.raises(AssertionError):
        await dying(stored, WithoutIntents)
