"""What a crash leaves behind between two writes is made up for, and nothing wrong is ever read."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.errors import DatabaseConnectionError, DatabaseQueryError
from dietcare.repositories.mongo import collection


@pytest.fixture
def goals(backend):
    return backend.repositories.goals


def drop_copy(database, version):
    """As if the process had died after the goals were stored and before the copy was."""
    assert database["goal_history"].delete_one({"version": version}).deleted_count == 1


async def test_goals_whose_copy_is_missing_are_among_the_versions(goals, database, build, user):
    first = build.goals(user)
    await goals.put(user, first)
    drop_copy(database, 1)
    assert list(await goals.versions(user)) == [first]


async def test_the_next_goals_make_up_for_the_missing_copy(goals, database, build, user):
    many = [build.goals(user, version=version) for version in (1, 2, 3)]
    await goals.put(user, many[0])
    await goals.put(user, many[1])
    drop_copy(database, 2)
    await goals.put(user, many[2])
    assert sorted(each["version"] for each in database["goal_history"].find()) == [1, 2, 3]
    assert list(await goals.versions(user)) == many


async def test_goals_that_were_never_in_force_leave_no_copy(goals, database, build, user):
    first = build.goals(user)
    await goals.put(user, first)
    many = [replace(build.goals(user, version=2), weight_kg=50.0 + n) for n in range(10)]
    results = await asyncio.gather(*(goals.put(user, each) for each in many))
    kept = {each["version"]: each.get("weight_kg") for each in database["goal_history"].find()}
    assert kept == {1: None, 2: many[results.index(True)].weight_kg}


async def test_a_copy_of_an_erased_users_earlier_goals_is_never_read(goals, database, build, user):
    for version in (1, 2):
        await goals.put(user, build.goals(user, version=version))
    left_behind = list(database["goal_history"].find())
    await goals.erase(user)
    database["goal_history"].insert_many(left_behind)
    assert list(await goals.versions(user)) == []
    fresh = replace(build.goals(user), id=build.id(), weight_kg=70.0)
    await goals.put(user, fresh)
    assert list(await goals.versions(user)) == [fresh]
    changed = replace(fresh, version=2, weight_kg=71.0)
    await goals.put(user, changed)
    assert list(await goals.versions(user)) == [fresh, changed]


async def test_goals_that_are_stored_are_stored_even_if_their_copy_fails(
    goals, raw, database, build, user
):
    point = {"configureFailPoint": "failCommand"}
    data = {
        "failCommands": ["update"],
        "errorCode": 13,
        "namespace": f"{database.name}.goal_history",
    }
    raw.admin.command({**point, "mode": "alwaysOn", "data": data})
    try:
        assert await goals.put(user, build.goals(user)) is True
        with pytest.raises(DatabaseQueryError):
            await goals.put(user, build.goals(user, version=2))
    finally:
        raw.admin.command({**point, "mode": "off"})
    assert await goals.get(user) == build.goals(user)
    assert database["goal_history"].count_documents({}) == 0


async def test_an_erasure_of_many_is_done_in_steps_and_may_be_continued(
    backend, recorder, build, user, monkeypatch
):
    monkeypatch.setattr(collection, "ERASE_BATCH", 4)
    for _ in range(9):
        await backend.repositories.meals.insert(user, build.meal(user))
    assert await backend.repositories.meals.erase(user) == 9
    assert len(recorder.of("delete")) == 3


async def test_a_session_that_is_erased_while_it_is_taken_is_opened_again(backend, build, user):
    sessions = backend.repositories.sessions

    async def erase():
        for _ in range(3):
            await sessions.erase(user, build.at + timedelta(days=1))

    takes = [sessions.take(user, build.session(user), 1000) for _ in range(60)]
    _, *taken = await asyncio.gather(erase(), *takes)
    assert None not in taken


async def test_a_session_id_that_somebody_else_has_is_a_query_error(backend, build, user):
    sessions = backend.repositories.sessions
    theirs = build.session(build.id())
    await sessions.take(theirs.user_id, theirs, 1)
    with pytest.raises(DatabaseQueryError):
        await sessions.take(user, replace(theirs, user_id=user), 1)


async def test_a_take_that_is_cancelled_leaves_the_repository_usable(backend, build, user):
    sessions = backend.repositories.sessions
    tasks = [
        asyncio.ensure_future(sessions.take(user, build.session(user), 100)) for _ in range(10)
    ]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert not any(isinstance(result, DatabaseConnectionError) for result in results)
    assert await sessions.take(user, build.session(user), 100) is not None
