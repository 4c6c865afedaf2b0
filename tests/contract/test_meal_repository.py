"""A meal as it is stored, read, replaced and deleted."""

import asyncio
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.meal import MealFilter, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.warning import Warning
from dietcare.errors import DatabaseQueryError
from dietcare.messages import Text
from dietcare.repositories.port import DuplicateMealError


@pytest.fixture
def meals(repositories):
    return repositories.meals


async def test_a_stored_meal_is_read_back_as_it_was(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    assert await meals.get(user, meal.id) == meal


async def test_every_optional_field_of_a_meal_is_read_back(meals, build, user):
    warning = Warning("PORTION", "foods[0].portion_g", Text("warning.portion", {"portion_g": 3.5}))
    food = Food(
        "된장찌개",
        200,
        Nutrients(sodium_mg=636.5),
        Confidence.LOW,
        NutrientSource.TABLE,
        "D101-1",
        (warning, Warning("OTHER", "foods[0]", Text("warning.other"))),
    )
    meal = build.meal(user, foods=(food,), analysis_id=build.id(), note="아침\n밥", version=1)
    await meals.insert(user, meal)
    assert await meals.get(user, meal.id) == meal


async def test_an_optional_field_that_is_absent_stays_absent(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    stored = await meals.get(user, meal.id)
    assert (stored.analysis_id, stored.note) == (None, None)
    assert stored.foods[0].confidence is None
    assert stored.foods[0].warnings == ()


async def test_korean_names_keep_their_normal_form(meals, build, user):
    name = unicodedata.normalize("NFC", "김치찌개와 떡볶이")
    meal = build.meal(user, foods=(Food(name, 300),))
    await meals.insert(user, meal)
    (food,) = (await meals.get(user, meal.id)).foods
    assert food.name == name
    assert unicodedata.is_normalized("NFC", food.name)


async def test_an_unknown_nutrient_stays_unknown_and_a_zero_stays_zero(meals, build, user):
    meal = build.meal(user, foods=(Food("물", 200, Nutrients(sodium_mg=0)),))
    await meals.insert(user, meal)
    (food,) = (await meals.get(user, meal.id)).foods
    assert food.nutrients == Nutrients(0, None, None, None)


async def test_times_come_back_in_utc_to_the_millisecond(meals, build, user):
    seoul = timezone(timedelta(hours=9))
    logged_at = datetime(2125, 11, 27, 8, 0, 0, 123987, seoul)
    meal = build.meal(user, logged_at=logged_at)
    await meals.insert(user, meal)
    stored = (await meals.get(user, meal.id)).logged_at
    assert stored.tzinfo is UTC
    assert stored.isoformat() == "2125-11-26T23:00:00.123000+00:00"


async def test_a_leap_day_and_a_zone_are_read_back(meals, build, user):
    meal = build.meal(user, local_date=date(2024, 2, 29), time_zone="Australia/Lord_Howe")
    await meals.insert(user, meal)
    stored = await meals.get(user, meal.id)
    assert (stored.local_date, stored.time_zone) == (date(2024, 2, 29), "Australia/Lord_Howe")


async def test_fifty_foods_keep_their_order(meals, build, user):
    foods = tuple(Food(f"반찬 {number}", number + 0.5) for number in range(50))
    meal = build.meal(user, foods=foods)
    await meals.insert(user, meal)
    assert (await meals.get(user, meal.id)).foods == foods


async def test_text_that_looks_like_operators_is_only_text(meals, build, user):
    values = {"$ne": "$where", "a.b": "{}"}
    warning = Warning("$gt", "$set.a", Text("$or", values))
    foods = (Food("$where: 1", 1, warnings=(warning,)),)
    meal = build.meal(user, foods=foods, note='{"$ne": null}')
    await meals.insert(user, meal)
    assert await meals.get(user, meal.id) == meal
    changed = replace(meal, version=2)
    assert await meals.replace(user, changed)
    assert await meals.get(user, meal.id) == changed


async def test_an_id_that_exists_already_is_refused_and_the_first_meal_is_carried(
    meals, build, user
):
    first = build.meal(user)
    await meals.insert(user, first)
    with pytest.raises(DuplicateMealError) as caught:
        await meals.insert(user, replace(first, meal_type=MealType.DINNER))
    assert caught.value.meal == first
    assert await meals.get(user, first.id) == first


async def test_of_many_inserts_of_one_id_at_once_exactly_one_is_stored(meals, build, user):
    meal = build.meal(user)
    tries = [replace(meal, note=str(number)) for number in range(40)]
    results = await asyncio.gather(
        *(meals.insert(user, each) for each in tries), return_exceptions=True
    )
    stored = await meals.get(user, meal.id)
    assert results.count(None) == 1
    assert tries[results.index(None)] == stored
    refusals = [result for result in results if result is not None]
    assert all(isinstance(each, DuplicateMealError) for each in refusals)
    assert all(each.meal == stored for each in refusals)


async def test_an_id_of_another_user_is_refused_without_carrying_their_meal(
    meals, build, user, other
):
    theirs = build.meal(other)
    await meals.insert(other, theirs)
    with pytest.raises(DatabaseQueryError):
        await meals.insert(user, replace(theirs, user_id=user))
    assert await meals.get(other, theirs.id) == theirs
    assert await meals.get(user, theirs.id) is None


async def test_the_user_named_first_owns_the_meal_whatever_the_meal_says(meals, build, user, other):
    meal = build.meal(other)
    await meals.insert(user, meal)
    assert (await meals.get(user, meal.id)).user_id == user
    assert await meals.get(other, meal.id) is None


async def test_a_meal_that_does_not_exist_is_none(meals, build, user):
    assert await meals.get(user, build.id()) is None


async def test_the_next_version_replaces_the_one_before(meals, build, user):
    meal = build.meal(user, note="한 그릇")
    await meals.insert(user, meal)
    changed = replace(meal, version=2, note=None, meal_type=MealType.SNACK)
    assert await meals.replace(user, changed) is True
    assert await meals.get(user, meal.id) == changed


@pytest.mark.parametrize("version", [1, 3, 7])
async def test_any_other_version_is_refused_and_nothing_is_written(meals, build, user, version):
    meal = build.meal(user)
    await meals.insert(user, meal)
    stale = replace(meal, version=version, note="stale")
    assert await meals.replace(user, stale) is False
    assert await meals.get(user, meal.id) == meal


async def test_of_many_replacements_of_one_version_exactly_one_is_stored(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    changes = [replace(meal, version=2, note=str(number)) for number in range(20)]
    results = await asyncio.gather(*(meals.replace(user, change) for change in changes))
    assert results.count(True) == 1
    assert await meals.get(user, meal.id) == changes[results.index(True)]


async def test_a_meal_that_is_gone_is_not_replaced(meals, build, user):
    meal = build.meal(user)
    assert await meals.replace(user, replace(meal, version=2)) is False
    assert await meals.get(user, meal.id) is None


async def test_a_deleted_meal_is_returned_and_gone(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    assert await meals.delete(user, meal.id) == meal
    assert await meals.get(user, meal.id) is None
    assert await meals.delete(user, meal.id) is None


async def test_the_id_of_a_deleted_meal_is_free_again(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    await meals.delete(user, meal.id)
    await meals.insert(user, meal)
    assert (await meals.page(user, MealFilter(), skip=0, limit=10)).total == 1


async def test_of_many_deletions_of_one_meal_exactly_one_returns_it(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    results = await asyncio.gather(*(meals.delete(user, meal.id) for _ in range(20)))
    assert [result for result in results if result is not None] == [meal]


@pytest.mark.parametrize("versions", [{1}, {3, 1}])
async def test_a_meal_of_one_of_the_versions_is_deleted(meals, build, user, versions):
    meal = build.meal(user)
    await meals.insert(user, meal)
    assert await meals.delete(user, meal.id, versions=frozenset(versions)) == meal
    assert await meals.get(user, meal.id) is None


@pytest.mark.parametrize("versions", [set(), {2}, {0, 10**9}])
async def test_a_meal_of_another_version_is_not_deleted(meals, build, user, versions):
    meal = build.meal(user)
    await meals.insert(user, meal)
    assert await meals.delete(user, meal.id, versions=frozenset(versions)) is None
    assert await meals.get(user, meal.id) == meal


async def test_the_ids_of_changes_are_stored_with_the_change(meals, build, user):
    meal = build.meal(user)
    await meals.insert(user, meal)
    changed = replace(meal, version=2, applied=(build.id(), build.id()))
    assert await meals.replace(user, changed)
    assert await meals.get(user, meal.id) == changed
