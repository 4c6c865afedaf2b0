"""Two processes change one user's days at once: afterwards everything is as the meals say."""

import asyncio
import os
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import grpc
import naive_diary
import pymongo
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from server_processes import servers

from dietcare.v1 import food_pb2, meal_pb2, progress_pb2, streak_pb2

CHANGES = 200
MEALS_BEFORE = 60
DAYS = 15
ZONE = "Asia/Seoul"
NUTRIENTS = naive_diary.NUTRIENTS


@pytest.fixture
def database():
    return f"races_{os.urandom(6).hex()}"


@pytest.fixture
async def start_server(mongod_uri, database, tmp_path):
    async with servers(mongod_uri, database, tmp_path) as start:
        yield start


def some_time(chance: random.Random) -> Timestamp:
    at = datetime.now(UTC).replace(microsecond=0)
    stamp = Timestamp()
    stamp.FromDatetime(at - timedelta(days=chance.randrange(DAYS), minutes=chance.randrange(60)))
    return stamp


def a_meal(chance: random.Random) -> meal_pb2.LogMealRequest:
    amounts = {name: float(chance.randrange(900)) for name in NUTRIENTS if name != "protein_g"}
    food = food_pb2.Food(name="밥", portion_g=300, protein_g=chance.randrange(40), **amounts)
    return meal_pb2.LogMealRequest(
        meal_type=meal_pb2.MEAL_TYPE_LUNCH, foods=[food], logged_at=some_time(chance)
    )


def diary_of(uri: str, database: str) -> naive_diary.Diary:
    """What `meal_logs` says, read past the service."""
    with pymongo.MongoClient(uri, tz_aware=True) as client:
        documents = list(client[database]["meal_logs"].find())
    return naive_diary.Diary(
        [
            naive_diary.Meal(
                str(each["_id"]),
                each["meal_type"],
                each["logged_at"],
                each["time_zone"],
                [(food["name"], {n: food[n] for n in NUTRIENTS}) for food in each["foods"]],
            )
            for each in documents
        ]
    )


async def assert_as_the_meals_say(server, user, diary):
    today = datetime.now(UTC).astimezone(naive_diary.ZoneInfo(ZONE)).date()
    answer = await server.call("GetStreak", user, streak_pb2.GetStreakRequest())
    seen = answer.streak
    current, longest, last, number = diary.streak(today)
    assert (seen.current_streak, seen.longest_streak) == (current, longest)
    assert (seen.last_logged_date, seen.total_days_logged) == (last.isoformat(), number)

    listed = await server.call("ListMeals", user, meal_pb2.ListMealsRequest(page_size=100))
    assert listed.pagination.total == len(diary.meals)
    assert [meal.id for meal in listed.meals] == diary.listed()[:100]

    for day in sorted({meal.day for meal in diary.meals}):
        request = progress_pb2.GetProgressRequest(
            date=day.isoformat(), period=progress_pb2.PERIOD_WEEKLY
        )
        progress = (await server.call("GetProgress", user, request)).progress
        naive = naive_diary.week_progress(diary, day, ZONE, datetime.now(UTC))
        assert progress.meals_logged == naive["meals"]
        assert {n: getattr(progress.consumed, n) for n in NUTRIENTS} == naive["consumed"]


async def test_200_changes_through_two_processes_leave_streak_total_and_progress_right(
    start_server, mongod_uri, database
):
    value = int(os.environ.get("DIETCARE_TEST_SEED", random.randrange(2**32)))  # noqa: S311
    print(f"DIETCARE_TEST_SEED={value}")  # noqa: T201
    chance, user = random.Random(value), os.urandom(12).hex()  # noqa: S311
    servers = await asyncio.gather(start_server(), start_server())

    async def log():
        answer = await chance.choice(servers).call("LogMeal", user, a_meal(chance))
        return answer.meal.id

    ids = [await log() for _ in range(MEALS_BEFORE)]

    async def change():
        server, meal_id = chance.choice(servers), chance.choice(ids)
        kind = chance.choice(("log", "log", "move", "delete"))
        if kind == "log":
            return await server.call("LogMeal", user, a_meal(chance))
        if kind == "delete":
            request = meal_pb2.DeleteMealRequest(meal_id=meal_id)
            return await server.call("DeleteMeal", user, request)
        moved = meal_pb2.Meal(logged_at=some_time(chance))
        mask = FieldMask(paths=["logged_at"])
        request = meal_pb2.UpdateMealRequest(meal_id=meal_id, meal=moved, update_mask=mask)
        return await server.call("UpdateMeal", user, request)

    results = await asyncio.gather(*(change() for _ in range(CHANGES)), return_exceptions=True)
    failed = [each for each in results if isinstance(each, BaseException)]
    # Two may want the same meal: the later one finds it deleted, or changed all the time.
    expected = {grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ABORTED}
    assert {each.code() for each in failed} <= expected, failed
    assert len(failed) < CHANGES / 4

    diary = diary_of(mongod_uri, database)
    for server in servers:
        await assert_as_the_meals_say(server, user, diary)
    record = stored_record(mongod_uri, database)
    assert record["meals_total"] == len(diary.meals)
    assert record["intents"] == []


def stored_record(uri: str, database: str):
    with pymongo.MongoClient(uri) as client:
        (record,) = client[database]["user_streaks"].find()
    return record


@contextmanager
def settling_blocked(client, database):
    """While it lasts, updates of `user_streaks` stop before they are done, and in the end fail.

    An intent is stored by findAndModify, and a meal deleted by it: only settling is an update.
    Gives a function that returns when somebody is stopped there.
    """
    point = {"configureFailPoint": "failCommand"}
    blocked = {
        "failCommands": ["update"],
        "namespace": f"{database}.user_streaks",
        "blockConnection": True,
        "blockTimeMS": 60_000,
    }
    entered = client.admin.command({**point, "mode": "alwaysOn", "data": blocked})["count"]
    wait = {"waitForFailPoint": "failCommand", "timesEntered": entered + 1, "maxTimeMS": 20_000}
    try:
        yield lambda: client.admin.command(wait)
    finally:
        # It is off once nobody stands in it any more; who comes meanwhile passes by.
        stopped = {"command.update": "user_streaks", "command.$db": database}
        with ThreadPoolExecutor(1) as pool:
            off = pool.submit(client.admin.command, {**point, "mode": "off"})
            while not off.done():
                for each in client.admin.aggregate([{"$currentOp": {}}, {"$match": stopped}]):
                    client.admin.command({"killOp": 1, "op": each["opid"]})


@pytest.mark.parametrize("rpc", ["LogMeal", "DeleteMeal"])
async def test_a_process_killed_between_meal_and_streak_heals_by_the_next_read(
    start_server, mongod_uri, database, rpc
):
    chance, user = random.Random(1), os.urandom(12).hex()  # noqa: S311
    doomed, other = await asyncio.gather(start_server(), start_server())
    for _ in range(5):
        last = await doomed.call("LogMeal", user, a_meal(chance))
    before = len(diary_of(mongod_uri, database).meals)
    request = (
        a_meal(chance) if rpc == "LogMeal" else meal_pb2.DeleteMealRequest(meal_id=last.meal.id)
    )
    with pymongo.MongoClient(mongod_uri) as client:
        with settling_blocked(client, database) as until_blocked:
            call = asyncio.ensure_future(doomed.call(rpc, user, request))
            await asyncio.to_thread(until_blocked)
            await doomed.kill()
        await asyncio.gather(call, return_exceptions=True)
    diary = diary_of(mongod_uri, database)
    assert len(diary.meals) == before + (1 if rpc == "LogMeal" else -1)
    assert stored_record(mongod_uri, database)["intents"], "killed too late"
    await assert_as_the_meals_say(other, user, diary)
