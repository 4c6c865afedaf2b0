"""Every query names the user and uses an index; the hot ones read no more than they return."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dietcare.domain.audit import AuditEntry, Outcome
from dietcare.domain.composition import FoodRow
from dietcare.domain.erasure import Erasure
from dietcare.domain.idempotency import Answer, IdempotencyRecord
from dietcare.domain.meal import MealCursor, MealFilter, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.quota import Window
from dietcare.domain.streak import Intent, StreakRecord
from dietcare.repositories.mongo.collection import BATCH
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.mongo.meal_documents import meal_document

FUTURE = datetime(2100, 1, 1, tzinfo=UTC)  # no server removes what expires then
EXPLAINED = ("find", "aggregate", "update", "delete", "findAndModify")
PARTS = {  # of what explain takes; the rest belongs to the connection
    *("find", "filter", "sort", "limit", "skip", "projection", "aggregate", "pipeline", "cursor"),
    *("distinct", "key", "query", "update", "updates", "delete", "deletes", "findAndModify"),
    *("remove", "new", "upsert", "hint"),
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
    long_ago = build.at - timedelta(days=9)
    await repositories.goals.versions_between(user, long_ago, build.at)
    await repositories.goals.erase(user)
    for at in (build.at, build.at, build.at + timedelta(hours=1)):
        session = await repositories.sessions.take(user, build.session(user, at), 5)
    await repositories.sessions.current(user, build.at)
    await repositories.sessions.give_back(user, session.id)
    await repositories.sessions.erase(user, FUTURE)
    analysis = build.analysis(user)
    await repositories.analyses.insert(user, analysis)
    await repositories.analyses.get(user, analysis.id)
    assert [each async for each in repositories.analyses.all(user)] == [analysis]
    await repositories.analyses.erase(user)
    await use_streaks(repositories.streaks, build, user)
    await use_counters(repositories.counters, user)
    await use_keys(repositories.idempotency, build, user)
    await use_erasures(repositories, build, user)
    entry = AuditEntry(user, "clinic", "GetMeal", "req_1", Outcome.GRANTED, build.at)
    await repositories.audit.append(user, entry)
    assert [each async for each in repositories.audit.all(user)] == [entry]


async def use_erasures(repositories, build, user):
    erasures = repositories.erasures
    begun = await erasures.begin(user, Erasure(build.id(), user, "me", build.at))
    await erasures.begin(user, begun)
    await erasures.count(user, begun.id, {"meals": 1})
    await erasures.spare(user, begun.id, build.id())
    await erasures.end(user, begun.id, build.at)
    await erasures.spared(user)
    assert [each async for each in repositories.archive.all(user)] == []
    await repositories.archive.count(user)
    await repositories.archive.erase(user)
    await erasures.remove(user, begun.id)


async def use_streaks(streaks, build, user):
    for revision, whole in ((2, True), (4, False)):
        await streaks.begin(user, Intent("1", build.at))
        record = StreakRecord(revision=revision, history=(build.day,))
        assert await streaks.settle(user, "1", record, whole=whole)
    await streaks.leave(user, "1")
    await streaks.get(user)
    await streaks.history(user)
    await streaks.remove(user, 5)


async def use_keys(keys, build, user):
    later = build.at + timedelta(days=1)
    record = IdempotencyRecord("A", "k", b"", build.id(), "a", later, build.at, later)
    for _ in range(2):
        await keys.insert(user, record)
    await keys.get(user, "A", "k")
    await keys.note_deleted(user, "A", record.result_id)
    await keys.put(user, replace(record, answer=Answer(b"")), over="a")
    await keys.remove(user, record)
    await keys.erase(user)


async def use_counters(counters, user):
    window = Window("meals:1", FUTURE)
    taken = await counters.take(user, window, 10, FUTURE - timedelta(days=1))
    assert await counters.count(user, window, FUTURE - timedelta(days=1)) == 1
    await taken.by.give_back(user, window, FUTURE - timedelta(days=1))


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
    await meals.tally(user)
    assert len([meal async for meal in meals.all(user)]) == 5
    await meals.delete(user, many[0].id)
    await meals.delete(user, many[1].id, versions=frozenset({1, 2}))
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
        *("nutrition_analyses", "user_streaks", "rate_limits", "idempotency_keys"),
        *("audit_log", "erasures", "meal_logs_archive"),
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
    tally = await year.tally(user)
    (command,) = recorder.of("aggregate")
    statistics = explain(database, command, "executionStats")["executionStats"]
    assert statistics["totalDocsExamined"] == 0
    assert statistics["totalKeysExamined"] == sum(tally.values()) == 540


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
async def test_the_newest_fortnight_is_all_that_is_read_for_it_however_full_it_is(
    backend, recorder, database, build, user
):
    # More than the planner tries, newest first in every index: see MongoMealRepository.between.
    meals = [build.meal(user, days=-number / 15) for number in range(1000)]
    database["meal_logs"].insert_many([meal_document(user, meal) for meal in meals])
    first = build.day - timedelta(days=13)
    fortnight = await backend.repositories.meals.between(user, first, build.day)
    statistics, _ = cost(recorder, database)
    assert statistics["totalDocsExamined"] == len(fortnight) > 150


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_a_list_that_ends_on_the_page_is_not_counted(year, recorder, build, user):
    page = await year.page(user, MealFilter(first_date=build.day), skip=0, limit=20)
    assert page.total == len(page.meals)
    assert recorder.of("aggregate") == []


@pytest.mark.parametrize("driver", ["pymongo"])
async def test_reading_all_meals_takes_them_in_batches(year, recorder, user):
    assert len([meal async for meal in year.all(user)]) == 540
    assert len(recorder.of("getMore")) == 540 // BATCH


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


async def test_imported_foods_are_found_by_their_code_and_read_in_its_order(
    backend, recorder, database
):
    row = FoodRow("T-1", "무조림", Nutrients(sodium_mg=779), "MFDS", "2023-12-27")
    await backend.repositories.foods.put([row])
    assert [each async for each in backend.repositories.foods.all()] == [row]
    update, find = recorder.commands
    assert (update["update"], find["find"]) == ("foods", "foods")
    for command in (update, find):
        plan = str(explain(database, command))
        assert "COLLSCAN" not in plan
        assert "food_code_1" in plan
