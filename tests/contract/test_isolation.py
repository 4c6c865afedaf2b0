"""A user sees and changes nothing of another user, in any method."""

from dataclasses import replace

import pytest

from dietcare.domain.meal import MealCursor, MealFilter, MealPage
from dietcare.domain.streak import Intent, StreakRecord


@pytest.fixture
async def theirs(repositories, build, other):
    """One of everything, of another user."""
    meal, goals, analysis = build.meal(other), build.goals(other), build.analysis(other)
    await repositories.meals.insert(other, meal)
    await repositories.goals.put(other, goals)
    await repositories.analyses.insert(other, analysis)
    await repositories.streaks.begin(other, Intent(build.id(), build.at))
    session = await repositories.sessions.take(other, build.session(other), 10)
    return {"meal": meal, "goals": goals, "analysis": analysis, "session": session}


async def test_a_meal_of_another_user_is_not_read(repositories, theirs, user):
    assert await repositories.meals.get(user, theirs["meal"].id) is None


async def test_a_meal_of_another_user_is_not_replaced(repositories, theirs, user, other):
    meal = theirs["meal"]
    assert not await repositories.meals.replace(user, replace(meal, version=2, note="mine"))
    assert await repositories.meals.get(other, meal.id) == meal


async def test_a_meal_of_another_user_is_not_deleted(repositories, theirs, user, other):
    assert await repositories.meals.delete(user, theirs["meal"].id) is None
    assert await repositories.meals.get(other, theirs["meal"].id) == theirs["meal"]


async def test_meals_of_another_user_are_in_no_list(repositories, build, theirs, user):
    meals = repositories.meals
    cursor = MealCursor(build.meal(user, days=9).logged_at, build.id())
    assert await meals.page(user, MealFilter(), skip=0, limit=9) == MealPage((), 0)
    assert await meals.page_after(user, MealFilter(), cursor, limit=9) == MealPage((), 0)
    assert list(await meals.between(user, build.day, build.day)) == []
    assert await meals.tally(user) == {}
    assert [meal async for meal in meals.all(user)] == []


async def test_a_cursor_of_another_users_meal_shows_only_ones_own(
    repositories, build, theirs, user
):
    mine = build.meal(user, minutes=-1)
    await repositories.meals.insert(user, mine)
    cursor = MealCursor(theirs["meal"].logged_at, theirs["meal"].id)
    page = await repositories.meals.page_after(user, MealFilter(), cursor, limit=9)
    assert page == MealPage((mine,), 1)


async def test_goals_of_another_user_are_not_read(repositories, build, theirs, user):
    assert await repositories.goals.get(user) is None
    assert list(await repositories.goals.versions(user)) == []
    assert list(await repositories.goals.versions_between(user, build.at, build.at)) == []


async def test_goals_of_another_user_are_not_replaced(repositories, theirs, user, other):
    goals = theirs["goals"]
    assert not await repositories.goals.put(user, replace(goals, version=2))
    assert await repositories.goals.get(other) == goals
    assert await repositories.goals.get(user) is None


async def test_a_session_of_another_user_is_not_read_or_counted(repositories, build, theirs, user):
    assert await repositories.sessions.current(user, build.at) is None
    mine = await repositories.sessions.take(user, build.session(user), 10)
    assert mine.id != theirs["session"].id
    assert mine.analysis_count == 1


async def test_a_session_of_another_user_gets_nothing_back(
    repositories, build, theirs, user, other
):
    await repositories.sessions.give_back(user, theirs["session"].id)
    assert (await repositories.sessions.current(other, build.at)).analysis_count == 1


async def test_an_analysis_of_another_user_is_not_read(repositories, theirs, user):
    assert await repositories.analyses.get(user, theirs["analysis"].id) is None
    assert [each async for each in repositories.analyses.all(user)] == []


async def test_a_streak_of_another_user_is_not_read_or_settled(repositories, theirs, user, other):
    streaks = repositories.streaks
    assert await streaks.get(user) is None
    begun = await streaks.get(other)
    (intent,) = begun.intents
    assert not await streaks.settle(user, intent.id, StreakRecord(revision=2), whole=True)
    await streaks.leave(user, intent.id)
    assert await streaks.get(other) == begun


@pytest.mark.parametrize("noun", ["meals", "goals", "sessions", "analyses", "streaks"])
async def test_erasing_leaves_other_users_alone(repositories, theirs, user, other, noun):
    repository = getattr(repositories, noun)
    assert await repository.erase(user) == 0
    assert await repository.erase(other) == 1
