"""One key, two server processes on one mongod: at once, and with one of them killed half-way."""

import asyncio
import os
from contextlib import contextmanager

import httpx2
import pymongo
import pytest
from bson import ObjectId
from google.protobuf.field_mask_pb2 import FieldMask
from server_processes import FAR_FUTURE, SECRET, servers

from dietcare.auth.tokens import issue
from dietcare.local.ports import free_port
from dietcare.v1 import food_pb2, meal_pb2

POSTS = 100
WAIT_MS = 20_000
MEAL = {"meal_type": "lunch", "foods": [{"name": "비빔밥", "portion_g": 400, "sodium_mg": 900}]}
LUNCH = meal_pb2.LogMealRequest(
    meal_type=meal_pb2.MEAL_TYPE_LUNCH,
    foods=[food_pb2.Food(name="비빔밥", portion_g=400, sodium_mg=900)],
)


class Pair:
    """Two servers, and somebody who asks both the same."""

    def __init__(self, servers, urls, database):
        self.servers, self.urls, self.database = servers, urls, database
        self.user = os.urandom(12).hex()

    @property
    def mine(self):
        return {"user_id": ObjectId(self.user)}

    async def log(self, server, key="k", request=LUNCH, rpc="LogMeal"):
        """The answer, and whether it is a replay."""
        token = issue(SECRET, "HS256", self.user, expires_at=FAR_FUTURE)
        metadata = (("authorization", f"Bearer {token}"), ("idempotency-key", key))
        call = getattr(server.stub, rpc)(request, metadata=metadata, timeout=30)
        answer = await call
        return answer, ("idempotent-replayed", "true") in tuple(await call.trailing_metadata())

    def meals(self):
        return list(self.database["meal_logs"].find(self.mine))

    def units(self):
        """How many units of the day's limit are used."""
        return sum(each["count"] for each in self.database["rate_limits"].find(self.mine))

    def record(self):
        return self.database["idempotency_keys"].find_one(self.mine)

    @contextmanager
    def stopped_at(self, command, collection):
        """While the block lasts, no such command reaches the collection."""
        admin = self.database.client.admin
        point = {"configureFailPoint": "failCommand"}
        data = {
            "failCommands": [command],
            "namespace": f"{self.database.name}.{collection}",
            # Not done, and tried again and again, for as long as an operation may take: 3 s.
            "closeConnection": True,
        }
        entered = admin.command({**point, "mode": "alwaysOn", "data": data})["count"]
        wait = {"waitForFailPoint": "failCommand", "maxTimeMS": WAIT_MS}
        try:
            yield lambda: admin.command({**wait, "timesEntered": entered + 1})
        finally:
            admin.command({**point, "mode": "off"})

    async def killed_at(self, command, collection, request=LUNCH, rpc="LogMeal"):
        """The first server gets as far as that command, and no further."""
        with self.stopped_at(command, collection) as reached:
            asking = asyncio.ensure_future(self.log(self.servers[0], request=request, rpc=rpc))
            await asyncio.to_thread(reached)
            await self.servers[0].kill()
            await asyncio.gather(asking, return_exceptions=True)
            assert asking.exception() is not None, "it was answered before it was killed"


@pytest.fixture
async def pair(mongod_uri, tmp_path):
    name = f"races_{os.urandom(6).hex()}"
    ports = [free_port() for _ in range(2)]
    with pymongo.MongoClient(mongod_uri, tz_aware=True) as client:
        async with servers(mongod_uri, name, tmp_path) as start:
            addresses = [f"127.0.0.1:{port}" for port in ports]
            both = await asyncio.gather(
                *(start(DIETCARE_HTTP_ADDRESS=address) for address in addresses)
            )
            yield Pair(both, [f"http://{address}/api/diet" for address in addresses], client[name])
        client.drop_database(name)


async def test_a_hundred_posts_at_once_make_one_meal_and_cost_one_unit(pair):
    token = issue(SECRET, "HS256", pair.user, expires_at=FAR_FUTURE)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "k"}
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(
        headers=headers, limits=limits, timeout=30, trust_env=False
    ) as http:
        posts = [http.post(f"{pair.urls[n % 2]}/meals", json=MEAL) for n in range(POSTS)]
        answers = await asyncio.gather(*posts)
    assert [answer.status_code for answer in answers] == [201] * POSTS
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    (meal,) = pair.meals()
    assert answers[0].json()["meal"]["id"] == str(meal["_id"])
    assert pair.units() == 1
    await pair.servers[0].kill()
    answer, replay = await pair.log(pair.servers[1])
    assert (answer.meal.id, replay) == (str(meal["_id"]), True)


async def test_a_hundred_changes_at_once_are_one(pair):
    meal, _ = await pair.log(pair.servers[0])
    request = meal_pb2.UpdateMealRequest(
        meal_id=meal.meal.id, meal=meal_pb2.Meal(note="a"), update_mask=FieldMask(paths=["note"])
    )
    calls = [pair.log(pair.servers[n % 2], "c", request, "UpdateMeal") for n in range(POSTS)]
    answers = await asyncio.gather(*calls)
    assert len({answer.SerializeToString() for answer, _ in answers}) == 1
    assert [replay for _, replay in answers].count(False) == 1
    assert pair.meals()[0]["version"] == 2


async def test_killed_after_the_insert_a_retry_finishes_under_the_same_id_at_no_cost(pair):
    await pair.killed_at("update", "idempotency_keys")
    (meal,), record = pair.meals(), pair.record()
    assert record["result_id"] == meal["_id"]
    assert "answer" not in record
    survivor = pair.servers[1]
    retries = await asyncio.gather(*(pair.log(survivor) for _ in range(10)))
    assert len({answer.SerializeToString() for answer, _ in retries}) == 1
    assert retries[0][0].meal.id == str(meal["_id"])
    assert [each["_id"] for each in pair.meals()] == [meal["_id"]]
    assert pair.units() == 1
    assert (await pair.log(survivor))[1]


async def test_killed_before_the_insert_a_retry_inserts_under_the_id_that_was_chosen(pair):
    await pair.killed_at("insert", "meal_logs")
    assert pair.meals() == []
    chosen = pair.record()["result_id"]
    answer, _ = await pair.log(pair.servers[1])
    assert answer.meal.id == str(chosen)
    assert [each["_id"] for each in pair.meals()] == [chosen]


async def test_a_meal_deleted_before_the_retry_is_not_logged_again(pair):
    await pair.killed_at("update", "idempotency_keys")
    (meal,) = pair.meals()
    request = meal_pb2.DeleteMealRequest(meal_id=str(meal["_id"]))
    await pair.log(pair.servers[1], request=request, rpc="DeleteMeal")
    answer, _ = await pair.log(pair.servers[1])
    assert answer.meal.id == str(meal["_id"])
    assert (answer.meal.foods[0].name, answer.meal.version) == ("비빔밥", 1)
    assert pair.meals() == []
    assert pair.units() == 1


async def test_killed_after_a_change_a_retry_sees_that_it_was_made(pair):
    meal, _ = await pair.log(pair.servers[1], "another")
    request = meal_pb2.UpdateMealRequest(
        meal_id=meal.meal.id, meal=meal_pb2.Meal(note="a"), update_mask=FieldMask(paths=["note"])
    )
    await pair.killed_at("update", "idempotency_keys", request, "UpdateMeal")
    assert pair.meals()[0]["version"] == 2
    answer, _ = await pair.log(pair.servers[1], "k", request, "UpdateMeal")
    assert (answer.meal.version, answer.meal.note) == (2, "a")
    assert pair.meals()[0]["version"] == 2
