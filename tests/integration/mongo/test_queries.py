"""Every query names the user and uses an index; the hot ones read no more than they return."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.domain.meal import MealCursor, MealFilter, MealType
from dietcare.domain.streak import StreakRecord
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.mongo.meal_documents import meal_document

EXPLAINED = ("find", "aggregate", "distinct", "update", "delete", "findAndModify")
PARTS = {  # of what explain takes; the rest belongs to the connection
    *("find", "filter", "sort", "limit", "skip", "projection", "aggregate", "pipeline", "cursor"),
    *("distinct", "key", "query", "update", "updates", "delete", "deletes", "findAndModify"),
    *("remove", "new", "upsert"),
}


def queries(command):
    """What a command looks for, one for each of its statements."""
    name = next(iter(command))
    if name == "aggregate":
        return [command["pipeline"][0]["$match"]]
    if name in ("update", "delete"):
        return [statement["q"] for statement in command[f"{name}s"]]
    if name == "insert":
        return command["documents"]
    return [command.get("filter", command.get("query"))]


def explain(database, command, verbosity="queryPlanner"):
    explained = {name: value for name, value in command.items() if name in PARTS}
    return database.command({"explain": explained, "verbosity": verbosity})


async def use_everything(repositories, build, user):
    """Call every method in each of its ways."""
    await use_meals(repositories.meals, build, user)
    first = build.goals(user)
    for goals in (first, replace(first, version=2), replace(first, version=9)):
        await repositories.goals.put(user, goals)
    await repositories.goals.versions(user)
    await repositories.goals.erase(user)
    for at in (build.at, build.at, build.at + timedelta(hours=1)):
        session = await repositories.sessions.take(user, build.session(user, at), 5)
    await repositories.sessions.current(user, build.at)
    await repositories.sessions.give_back(user, session.id)
    await repositories.sessions.erase(user)
    analysis = build.analysis(user)
    await repositories.analyses.insert(user, analysis)
    await repositories.analyses.get(user, analysis.id)
    assert [each async for each in repositories.analyses.all(user)] == [analysis]
    await repositories.analyses.erase(user)
    for revision in (1, 2, 1):
        await repositories.streaks.put(user, StreakRecord(revision=revision))
    await repositories.streaks.get(user)
    await repositories.streaks.erase(user)


async def use_meals(meals, build, user):
    many = [build.meal(user, days=days) for days in range(5)]
    for meal in many:
        await meals.insert(user, meal)
    await meals.get(user, many[0].id)
    await meals.replace(user, replace(many[0], version=2))
    cursor = MealCursor(many[3].logged_at, many[3].id)
    for where in filters(build):
        await meals.page(user, where, skip=0, limit=2)
        await meals.page(user, where, skip=9, limit=2)
        await meals.page_after(user, where, cursor, limit=2)
    await meals.between(user, build.day, build.day)
    await meals.days(user)
    assert len([meal async for meal in meals.all(user)]) == 5
    await meals.delete(user, many[0].id)
    await meals.erase(user)


def filters(build):
    dates, instants = (build.day, build.day), (build.at, build.at)
    for meal_type in (None, MealType.BREAKFAST):
        yield MealFilter(meal_type)
        yield MealFilter(meal_type, *dates)
        yield MealFilter(meal_type, None, None, *instants)
        yield MealFilter(meal_type, *dates, *instants)


@pytest.fixture
async def commands(backend, recorder, build, user):
    """Every command that the repositories ever send."""
    await use_everything(backend.repositories, build, user)
    return list(recorder.commands)


async def test_every_method_is_among_the_commands(commands):
    sent = {(next(iter(command)), next(iter(command.values()))) for command in commands}
    assert {name for name, _ in sent} >= {*EXPLAINED, "insert"}
    assert {collection for _, collection in sent} >= {
        *("meal_logs", "diet_goals", "goal_history", "diet_sessions"),
        *("nutrition_analyses", "user_streaks"),
    }


async def test_every_command_names_the_user(commands, user):
    for command in commands:
        for query in queries(command):
            assert str(query["user_id"]) == user, command


async def test_no_command_scans_a_collection(commands, database):
    for command in commands:
        if next(iter(command)) in EXPLAINED:
            plan = str(explain(database, command))
            assert "COLLSCAN" not in plan, command
            assert "IXSCAN" in plan or "DISTINCT_SCAN" in plan or "COUNT_SCAN" in plan, command


@pytest.fixture
async def year(backend, database, build, user):
    """Three meals a day of half a year, and as many of another user."""
    types, other = list(MealType), build.id()
    for owner in (user, other):
        meals = [build.meal(owner, days=-number / 3) for number in range(540)]
        typed = [replace(meal, meal_type=types[n % 3]) for n, meal in enumerate(meals)]
        database["meal_logs"].insert_many([meal_document(owner, meal) for meal in typed])
    return backend.repositories.meals


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_the_days_are_read_from_the_index_alone(year, recorder, database, user):
    days = await year.days(user)
    (command,) = recorder.of("distinct")
    statistics = explain(database, command, "executionStats")["executionStats"]
    assert statistics["totalDocsExamined"] == 0
    assert statistics["totalKeysExamined"] <= len(days) + 1


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_a_page_at_any_depth_costs_the_same_and_sorts_nothing(
    year, recorder, database, build, user
):
    long_ago = build.day - timedelta(days=170)
    wheres = (
        MealFilter(),
        MealFilter(meal_type=MealType.BREAKFAST),
        MealFilter(first_date=long_ago - timedelta(days=5)),
        MealFilter(MealType.BREAKFAST, None, None, build.at - timedelta(days=176)),
    )
    cursor = MealCursor(build.at - timedelta(days=170), build.id())
    for where in wheres:
        page = await year.page_after(user, where, cursor, limit=10)
        assert len(page.meals) >= 5
        statistics, plan = cost(recorder, database)
        assert "'SORT'" not in plan
        assert statistics["totalDocsExamined"] <= 11
        assert statistics["totalKeysExamined"] <= 13


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_a_page_of_a_few_dates_reads_hardly_more_than_those(
    year, recorder, database, build, user
):
    first = build.day - timedelta(days=100)
    where = MealFilter(first_date=first, last_date=first + timedelta(days=2))
    page = await year.page(user, where, skip=0, limit=20)
    assert len(page.meals) == 9
    statistics, _ = cost(recorder, database)
    assert statistics["totalDocsExamined"] <= 18


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_the_meals_of_a_week_are_all_that_is_read_for_them(
    year, recorder, database, build, user
):
    week = await year.between(user, build.day - timedelta(days=6), build.day)
    statistics, _ = cost(recorder, database)
    assert statistics["totalDocsExamined"] == len(week) == 20


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_a_list_that_ends_on_the_page_is_not_counted(year, recorder, build, user):
    page = await year.page(user, MealFilter(first_date=build.day), skip=0, limit=20)
    assert page.total == len(page.meals)
    assert recorder.of("aggregate") == []


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_reading_all_meals_takes_them_in_batches(year, recorder, user):
    assert len([meal async for meal in year.all(user)]) == 540
    assert len(recorder.of("getMore")) == 1


def cost(recorder, database):
    command = recorder.of("find")[-1]
    answer = explain(database, command, "executionStats")
    return answer["executionStats"], str(answer["queryPlanner"]["winningPlan"])


async def test_a_pipeline_gives_all_its_results_with_either_driver(backend, build, user):
    for days in range(3):
        await backend.repositories.meals.insert(user, build.meal(user, days=days))
    pipeline = [{"$match": {"user_id": object_id(user)}}, {"$project": {"_id": 0, "local_date": 1}}]
    found = await backend.client.collection("meal_logs").aggregate(pipeline)
    assert sorted(each["local_date"] for each in found) == [
        f"2125-11-{day}" for day in (27, 28, 29)
    ]
