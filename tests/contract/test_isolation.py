"""A user sees and changes nothing of another user, in any method."""

import inspect
from dataclasses import fields, replace
from datetime import timedelta
from typing import get_type_hints

import pytest

from dietcare.domain.audit import AuditEntry, Outcome
from dietcare.domain.idempotency import Answer, IdempotencyRecord
from dietcare.domain.meal import MealCursor, MealFilter, MealPage
from dietcare.domain.quota import Window
from dietcare.domain.streak import Intent, StreakRecord
from dietcare.repositories.port import Repositories

OF_NOBODY = {"foods"}  # what a food is made of belongs to no user
OF_EVERYBODY = {("erasures", "everyone")}  # who looks after erasures has no user in mind


@pytest.mark.parametrize("noun", [f.name for f in fields(Repositories) if f.name not in OF_NOBODY])
def test_every_method_of_every_port_names_the_user_first(noun):
    port = get_type_hints(Repositories)[noun]
    for name in port.__abstractmethods__:
        if (noun, name) in OF_EVERYBODY:
            continue
        first = list(inspect.signature(getattr(port, name)).parameters)[1]
        assert first == "user_id", f"{port.__name__}.{name}"


@pytest.fixture
async def theirs(repositories, build, other):
    """One of everything, of another user."""
    meal, goals, analysis = build.meal(other), build.goals(other), build.analysis(other)
    await repositories.meals.insert(other, meal)
    await repositories.goals.put(other, goals)
    await repositories.analyses.insert(other, analysis)
    await repositories.streaks.begin(other, Intent(build.id(), build.at))
    session = await repositories.sessions.take(other, build.session(other), 10)
    later = build.at + timedelta(days=1)
    key = IdempotencyRecord("LogMeal", "k", b"1", build.id(), "a", later, build.at, later)
    await repositories.idempotency.insert(other, key)
    return {"meal": meal, "goals": goals, "analysis": analysis, "session": session, "key": key}


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


async def test_a_streak_of_another_user_does_not_grow_with_ones_own(
    repositories, build, theirs, user, other
):
    streaks = repositories.streaks
    begun = await streaks.get(other)
    mine = await streaks.begin(user, Intent("1", build.at))
    record = StreakRecord(revision=mine.revision + 1, history=(build.day,))
    assert await streaks.settle(user, "1", record, whole=True)
    assert await streaks.get(other) == begun
    assert list(await streaks.history(other)) == []


async def test_an_idempotency_key_of_another_user_is_another_key(
    repositories, build, theirs, user, other
):
    keys, record = repositories.idempotency, theirs["key"]
    assert await keys.get(user, record.rpc, record.key) is None
    assert not await keys.put(user, replace(record, answer=Answer(b"mine")), over=record.owner)
    assert not await keys.remove(user, record)
    await keys.note_deleted(user, record.rpc, record.result_id)
    assert await keys.get(other, record.rpc, record.key) == record
    mine = replace(record, result_id=build.id())
    assert await keys.insert(user, mine)
    assert await keys.get(user, record.rpc, record.key) == mine
    assert await keys.get(other, record.rpc, record.key) == record


async def test_a_unit_of_another_user_is_not_counted_or_given_back(
    repositories, build, user, other
):
    counters, window = repositories.counters, Window("meals:1", build.at + timedelta(days=1))
    await counters.take(other, window, 10, build.at)
    assert await counters.count(user, window, build.at) == 0
    assert await counters.give_back(user, window, build.at) == 0
    assert (await counters.take(user, window, 10, build.at)).count == 1
    assert await counters.count(other, window, build.at) == 1


async def test_the_audit_log_of_another_user_is_not_read(repositories, build, user, other):
    entry = AuditEntry(other, "clinic", "GetMeal", "r1", Outcome.GRANTED, build.at)
    await repositories.audit.append(other, entry)
    assert [each async for each in repositories.audit.all(user)] == []


@pytest.mark.parametrize("noun", ["meals", "goals", "analyses", "idempotency"])
async def test_erasing_leaves_other_users_alone(repositories, theirs, user, other, noun):
    repository = getattr(repositories, noun)
    assert await repository.count(user) == await repository.erase(user) == 0
    assert await repository.count(other) == await repository.erase(other) == 1


async def test_erasing_sessions_and_streaks_leaves_other_users_alone(
    repositories, build, theirs, user, other
):
    sessions, later = repositories.sessions, build.at + timedelta(days=1)
    assert await sessions.count(user, later) == await sessions.erase(user, later) == 0
    assert await sessions.count(other, later) == await sessions.erase(other, later) == 1
    revision = (await repositories.streaks.get(other)).revision
    assert not await repositories.streaks.remove(user, revision)
    assert await repositories.streaks.remove(other, revision)
