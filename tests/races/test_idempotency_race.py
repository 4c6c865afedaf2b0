"""One key, two server processes on one mongod: at once, and with one of them killed half-way."""

import asyncio
from contextlib import contextmanager

import httpx2
import pytest
from bson import ObjectId
from google.protobuf.field_mask_pb2 import FieldMask
from server_processes import bearer, pseudonym

from dietcare.v1 import food_pb2, meal_pb2

POSTS = 100
WAIT_MS = 20_000
MEAL = {"meal_type": "lunch", "foods": [{"name": "비빔밥", "portion_g": 400, "sodium_mg": 900}]}
LUNCH = meal_pb2.LogMealRequest(
    meal_type=meal_pb2.MEAL_TYPE_LUNCH,
    foods=[food_pb2.Food(name="비빔밥", portion_g=400, sodium_mg=900)],
)


class World:
    """Two servers, and somebody who asks both the same."""

    def __init__(self, pair, call):
        self.servers, self.database, self._call = pair.servers, pair.database, call
        self.user = pair.user()

    @property
    def mine(self):
        return {"user_id": ObjectId(self.user)}

    async def log(self, server, key="k", request=LUNCH, rpc="LogMeal"):
        """The answer, and whether it is a replay."""
        call = await self._call.start(server, rpc, self.user, request, idempotency_key=key)
        answer = await call
        return answer, ("idempotent-replayed", "true") in tuple(await call.trailing_metadata())

    def meals(self):
        return list(self.database["meal_logs"].find(self.mine))

    def units(self):
        """How many units of the day's limit are used."""
        query = {"user_id": ObjectId(pseudonym(self.user))}
        return sum(each["count"] for each in self.database["rate_limits"].find(query))

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
            self.servers[0].kill()
            await asyncio.gather(asking, return_exceptions=True)
            assert asking.exception() is not None, "it was answered before it was killed"


@pytest.fixture
async def world(new_pair, call):
    return World(await new_pair(), call)


async def test_a_hundred_posts_at_once_make_one_meal_and_cost_one_unit(world):
    headers = {"authorization": bearer(world.user), "idempotency-key": "k"}
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    urls = [f"http://{each.http}/api/diet/meals" for each in world.servers]
    async with httpx2.AsyncClient(
        headers=headers, limits=limits, timeout=60, trust_env=False
    ) as http:
        posts = [http.post(urls[n % 2], json=MEAL) for n in range(POSTS)]
        answers = await asyncio.gather(*posts)
    assert [answer.status_code for answer in answers] == [201] * POSTS
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    (meal,) = world.meals()
    assert answers[0].json()["meal"]["id"] == str(meal["_id"])
    assert world.units() == 1
    world.servers[0].kill()
    answer, replay = await world.log(world.servers[1])
    assert (answer.meal.id, replay) == (str(meal["_id"]), True)


async def test_a_hundred_changes_at_once_are_one(world):
    meal, _ = await world.log(world.servers[0])
    request = meal_pb2.UpdateMealRequest(
        meal_id=meal.meal.id, meal=meal_pb2.Meal(note="a"), update_mask=FieldMask(paths=["note"])
    )
    calls = [world.log(world.servers[n % 2], "c", request, "UpdateMeal") for n in range(POSTS)]
    answers = await asyncio.gather(*calls)
    assert len({answer.SerializeToString() for answer, _ in answers}) == 1
    assert [replay for _, replay in answers].count(False) == 1
    assert world.meals()[0]["version"] == 2


async def test_killed_after_the_insert_a_retry_finishes_under_the_same_id_at_no_cost(world):
    await world.killed_at("update", "idempotency_keys")
    (meal,), record = world.meals(), world.record()
    assert record["result_id"] == meal["_id"]
    assert "answer" not in record
    survivor = world.servers[1]
    retries = await asyncio.gather(*(world.log(survivor) for _ in range(10)))
    assert len({answer.SerializeToString() for answer, _ in retries}) == 1
    assert retries[0][0].meal.id == str(meal["_id"])
    assert [each["_id"] for each in world.meals()] == [meal["_id"]]
    assert world.units() == 1
    assert (await world.log(survivor))[1]


async def test_killed_before_the_insert_a_retry_inserts_under_the_id_that_was_chosen(world):
    await world.killed_at("insert", "meal_logs")
    assert world.meals() == []
    chosen = world.record()["result_id"]
    answer, _ = await world.log(world.servers[1])
    assert answer.meal.id == str(chosen)
    assert [each["_id"] for each in world.meals()] == [chosen]


async def test_a_meal_deleted_before_the_retry_is_not_logged_again(world):
    await world.killed_at("update", "idempotency_keys")
    (meal,) = world.meals()
    request = meal_pb2.DeleteMealRequest(meal_id=str(meal["_id"]))
    await world.log(world.servers[1], request=request, rpc="DeleteMeal")
    answer, _ = await world.log(world.servers[1])
    assert answer.meal.id == str(meal["_id"])
    assert (answer.meal.foods[0].name, answer.meal.version) == ("비빔밥", 1)
    assert world.meals() == []
    assert world.units() == 1


async def test_killed_after_a_change_a_retry_sees_that_it_was_made(world):
    meal, _ = await world.log(world.servers[1], "another")
    request = meal_pb2.UpdateMealRequest(
        meal_id=meal.meal.id, meal=meal_pb2.Meal(note="a"), update_mask=FieldMask(paths=["note"])
    )
    await world.killed_at("update", "idempotency_keys", request, "UpdateMeal")
    assert world.meals()[0]["version"] == 2
    answer, _ = await world.log(world.servers[1], "k", request, "UpdateMeal")
    assert (answer.meal.version, answer.meal.note) == (2, "a")
    assert world.meals()[0]["version"] == 2
