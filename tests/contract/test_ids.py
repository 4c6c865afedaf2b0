"""Ids are 24 hexadecimal digits in either case; nothing else is ever looked up."""

import pytest

from dietcare.domain.meal import MealCursor, MealFilter
from dietcare.errors import DatabaseQueryError

NO_IDS = [
    {"$ne": None},
    {"$gt": ""},
    ["507f1f77bcf86cd799439011"],
    "",
    "507f1f77bcf86cd79943901",
    "507f1f77bcf86cd79943901g",
    "507f1f77bcf86cd799439011\n",
    b"507f1f77bcf8",
    None,
]
WITHOUT_ARGUMENTS = [
    ("meals", "tally"),
    ("meals", "erase"),
    ("goals", "get"),
    ("goals", "versions"),
    ("goals", "erase"),
    ("analyses", "erase"),
    ("streaks", "get"),
    ("erasures", "get"),
    ("erasures", "spared"),
]


@pytest.mark.parametrize(("noun", "method"), WITHOUT_ARGUMENTS)
async def test_operators_in_place_of_a_user_match_nobody(repositories, build, user, noun, method):
    meal = build.meal(user)
    await repositories.meals.insert(user, meal)
    with pytest.raises(DatabaseQueryError):
        await getattr(getattr(repositories, noun), method)({"$ne": None})
    assert await repositories.meals.get(user, meal.id) == meal


@pytest.mark.parametrize("no_id", NO_IDS, ids=repr)
async def test_what_is_no_id_is_refused_in_place_of_a_meals(repositories, build, user, no_id):
    meal = build.meal(user)
    await repositories.meals.insert(user, meal)
    for method in (repositories.meals.get, repositories.meals.delete, repositories.analyses.get):
        with pytest.raises(DatabaseQueryError):
            await method(user, no_id)
    with pytest.raises(DatabaseQueryError):
        await repositories.sessions.give_back(user, no_id)
    cursor = MealCursor(build.at, no_id)
    with pytest.raises(DatabaseQueryError):
        await repositories.meals.page_after(user, MealFilter(), cursor, limit=1)
    assert await repositories.meals.get(user, meal.id) == meal


async def test_an_id_is_the_same_in_either_case(repositories, build, user):
    meal = build.meal(user)
    await repositories.meals.insert(user.upper(), meal)
    assert await repositories.meals.get(user, meal.id.upper()) == meal
    assert await repositories.meals.tally(user.upper()) == {build.day: 1}
