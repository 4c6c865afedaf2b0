"""Meals by local date, all of them in a stream, and their erasure."""

from contextlib import aclosing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dietcare.domain.meal import Eaten, Intake, MealFilter
from dietcare.domain.nutrients import Nutrients
from dietcare.repositories.mongo import collection


@pytest.fixture
def meals(repositories):
    return repositories.meals


def intake(meal):
    """What progress needs of a meal."""
    foods = tuple(Eaten(food.name, food.nutrients) for food in meal.foods)
    return Intake(meal.local_date, meal.total_nutrients, foods)


async def test_of_a_meal_with_unknown_nutrients_what_is_unknown_stays_so(meals, build, user):
    foods = (build.rice, replace(build.rice, name="물", nutrients=Nutrients(sodium_mg=1)))
    meal = build.meal(user, foods=foods, note="…")
    await meals.insert(user, meal)
    assert list(await meals.between(user, build.day, build.day)) == [intake(meal)]


async def test_between_gives_all_meals_of_the_dates_oldest_first(meals, build, user):
    many = [build.meal(user, days=d, minutes=m) for d in range(-2, 3) for m in (5, 0)]
    for meal in many:
        await meals.insert(user, meal)
    first, last = build.day - timedelta(1), build.day + timedelta(1)
    expected = sorted(many[2:8], key=lambda meal: meal.logged_at)
    assert list(await meals.between(user, first, last)) == [intake(meal) for meal in expected]


async def test_between_orders_meals_of_the_same_instant_by_id(meals, build, user):
    ties = [build.meal(user, foods=(replace(build.rice, name=name),)) for name in "가나다라"]
    for index in (2, 0, 3, 1):
        await meals.insert(user, ties[index])
    between = await meals.between(user, build.day, build.day)
    assert list(between) == [intake(meal) for meal in ties]


async def test_between_goes_by_the_local_date_not_by_the_instant(meals, build, user):
    breakfast = build.meal(
        user, logged_at=datetime.fromisoformat("2125-11-26T23:00:00Z"), local_date=build.day
    )
    await meals.insert(user, breakfast)
    day_before = build.day - timedelta(1)
    assert list(await meals.between(user, build.day, build.day)) == [intake(breakfast)]
    assert list(await meals.between(user, day_before, day_before)) == []


async def test_between_with_its_end_before_its_start_is_empty(meals, build, user):
    await meals.insert(user, build.meal(user))
    assert list(await meals.between(user, build.day, build.day - timedelta(1))) == []


async def test_the_tally_counts_the_meals_of_each_day(meals, build, user):
    for days in (0, 0, -1, -40, 0):
        await meals.insert(user, build.meal(user, days=days))
    back = {40: 1, 1: 1, 0: 3}
    assert await meals.tally(user) == {build.day - timedelta(n): back[n] for n in back}


async def test_the_tally_of_nothing_is_empty(meals, user):
    assert await meals.tally(user) == {}


async def test_the_day_of_a_moved_or_deleted_meal_is_gone(meals, build, user):
    moved, deleted, kept = (build.meal(user, days=d) for d in (0, 1, 2))
    for meal in (moved, deleted, kept):
        await meals.insert(user, meal)
    later = build.meal(user, days=2, id=moved.id, version=2)
    assert await meals.replace(user, later)
    await meals.delete(user, deleted.id)
    assert await meals.tally(user) == {kept.local_date: 2}


async def test_a_user_without_meals_has_no_days(meals, user):
    assert await meals.tally(user) == {}


async def test_all_meals_come_oldest_first_ties_by_id(meals, build, user):
    many = [build.meal(user, minutes=m) for m in (0, 0, 1, 1, 2)]
    for index in (3, 1, 4, 0, 2):
        await meals.insert(user, many[index])
    assert [meal async for meal in meals.all(user)] == many


async def test_all_meals_of_nobody_are_none(meals, user):
    assert [meal async for meal in meals.all(user)] == []


async def test_reading_all_meals_may_stop_early(meals, build, user):
    many = [build.meal(user, minutes=m) for m in range(3)]
    for meal in many:
        await meals.insert(user, meal)
    async with aclosing(meals.all(user)) as stream:
        assert await anext(stream) == many[0]
    assert [meal async for meal in meals.all(user)] == many


@pytest.mark.parametrize("read_before", [1, 2, 5])
async def test_all_meals_are_those_of_one_moment_whatever_is_written_meanwhile(
    meals, build, user, monkeypatch, read_before
):
    monkeypatch.setattr(collection, "BATCH", 2)
    many = [build.meal(user, minutes=m) for m in range(6)]
    for meal in many:
        await meals.insert(user, meal)
    async with aclosing(meals.all(user)) as stream:
        found = [await anext(stream) for _ in range(read_before)]
        # The first goes behind what is still to come, the last before what was read already.
        for meal, minutes in ((many[0], 9), (many[5], -9)):
            moved = build.meal(user, minutes=minutes, id=meal.id, version=2)
            assert await meals.replace(user, moved)
        await meals.delete(user, many[4].id)
        await meals.insert(user, build.meal(user, minutes=8))
        found += [meal async for meal in stream]
    assert found == many


async def test_erasing_deletes_every_meal_and_says_how_many(meals, build, user):
    for minute in range(3):
        await meals.insert(user, build.meal(user, minutes=minute))
    assert await meals.erase(user) == 3
    assert (await meals.page(user, MealFilter(), skip=0, limit=10)).total == 0
    assert await meals.tally(user) == {}


async def test_erasing_twice_or_nothing_counts_nothing(meals, build, user):
    assert await meals.erase(user) == 0
    await meals.insert(user, build.meal(user))
    assert await meals.erase(user) == 1
    assert await meals.erase(user) == 0


async def test_an_erased_user_may_start_anew_with_the_same_ids(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    await meals.erase(user)
    await meals.insert(user, meal)
    assert await meals.get(user, meal.id) == meal
