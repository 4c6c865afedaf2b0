"""An erasure whose process is killed at any step is finished by others; nothing late stays."""

import asyncio
import random
from collections import Counter
from contextlib import contextmanager

import pytest
from bson import ObjectId
from server_processes import SECRET, pseudonym

from dietcare.v1 import account_pb2, food_pb2, goal_pb2, meal_pb2, quota_pb2

WAIT_MS = 20_000
WORKERS = 8
CANARY = "kanarienvogel"
LUNCH = meal_pb2.LogMealRequest(
    meal_type=meal_pb2.MEAL_TYPE_LUNCH,
    note=CANARY,
    foods=[food_pb2.Food(name=CANARY, portion_g=400, sodium_mg=900)],
)
GOALS = goal_pb2.UpdateGoalsRequest(ckd_stage=3)

# Every command of an erasure, in their order: (command, collection, how many of them pass first).
STEPS = [
    ("insert", "audit_log", 0),
    ("update", "erasures", 0),  # noted
    ("update", "erasures", 1),  # counted
    ("findAndModify", "user_streaks", 0),
    ("delete", "idempotency_keys", 0),
    ("delete", "meal_logs", 0),
    ("delete", "diet_goals", 0),
    ("delete", "goal_history", 0),
    ("findAndModify", "user_streaks", 1),
    ("update", "erasures", 2),  # done
    ("insert", "audit_log", 1),
]
NOTED = STEPS[2:-1]
"""Where the erasure is noted, and not done."""


class World:
    """Two servers, and somebody with one of everything."""

    def __init__(self, servers, database, call, user):
        self.servers, self.database, self._call, self.user = servers, database, call, user

    async def ask(self, rpc, request, server=1, **metadata):
        return await self._call(self.servers[server], rpc, self.user, request, **metadata)

    async def log(self, server=1, **metadata):
        return await self.ask("LogMeal", LUNCH, server, **metadata)

    async def erase(self, server=1):
        return await self.ask(
            "DeleteUserData", account_pb2.DeleteUserDataRequest(user_id=self.user), server
        )

    async def fill(self):
        for key in "ab":
            await self.log(idempotency_key=f"{CANARY}-{key}")
        for _ in range(2):
            await self.ask("UpdateGoals", GOALS)

    def left(self):
        """Every document that names the user or has a canary, but for what may stay."""
        found = []
        for name in self.database.list_collection_names():
            for document in self.database[name].find():
                text = str(document)
                if CANARY in text or (
                    self.user in text and name not in ("audit_log", "erasures", "user_streaks")
                ):
                    found.append(f"{name}: {text}")
        record = self.database["user_streaks"].find_one({"user_id": ObjectId(self.user)})
        if record and (record.get("meals_total") or record["longest_streak"]):
            found.append(f"user_streaks: {record}")
        return found

    def noted(self):
        return self.database["erasures"].find_one({"user_id": ObjectId(self.user)})

    def audited(self):
        # Ids of two processes are not in the order of time within a second; those of one are.
        in_time = [("at", 1), ("_id", 1)]
        entries = self.database["audit_log"].find({"user_id": ObjectId(self.user)}).sort(in_time)
        return [(each["action"], each["outcome"]) for each in entries]

    @contextmanager
    def stopped_at(self, command, collection, passing):
        """From the next such command but `passing` on, none reaches the collection."""
        admin = self.database.client.admin
        point = {"configureFailPoint": "failCommand"}
        data = {
            "failCommands": [command],
            "namespace": f"{self.database.name}.{collection}",
            "closeConnection": True,
        }
        entered = admin.command({**point, "mode": {"skip": passing}, "data": data})["count"]
        wait = {"waitForFailPoint": "failCommand", "maxTimeMS": WAIT_MS}
        try:
            yield lambda: admin.command({**wait, "timesEntered": entered + 1})
        finally:
            admin.command({**point, "mode": "off"})

    async def killed_at(self, step):
        """The first server erases as far as that step, and no further."""
        with self.stopped_at(*step) as reached:
            erasing = asyncio.ensure_future(self.erase(0))
            await asyncio.to_thread(reached)
            self.servers[0].kill()
            await asyncio.gather(erasing, return_exceptions=True)
            assert erasing.exception() is not None, "it was answered before it was killed"

    async def finished(self):
        """Wait until the erasure is noted as done, by whomever."""
        await self._until("erasures", lambda: "erased_at" in self.noted())

    async def audited_as(self, *last):
        """Wait until the audit log ends so: its last entry comes after the erasure is noted."""
        await self._until("audit_log", lambda: self.audited()[-len(last) :] == list(last))

    async def seen(self):
        """Wait until the other server knows of it: for half a second it may answer as before."""
        granted = ("FinishErasure", "granted")
        await self._until("audit_log", lambda: granted in self.audited())

    async def _until(self, collection, holds):
        """The database says when it is worth to look again."""
        with self.database[collection].watch(max_await_time_ms=100) as changes:
            async with asyncio.timeout(30):
                while not holds():
                    await asyncio.to_thread(changes.try_next)


@pytest.fixture
async def world(new_pair, call):
    pair = await new_pair()
    return World(pair.servers, pair.database, call, pair.user())


@pytest.mark.parametrize("step", NOTED, ids=str)
async def test_an_erasure_whose_process_was_killed_is_finished_by_another_unasked(world, step):
    await world.fill()
    await world.killed_at(step)
    assert "erased_at" not in world.noted()
    await world.finished()
    assert world.left() == []
    assert ("DeleteUserData", "done") not in world.audited()
    await world.log()
    await world.audited_as(("FinishErasure", "granted"), ("FinishErasure", "done"))


@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_the_next_call_finishes_it_too(world, step):
    await world.fill()
    await world.killed_at(step)
    counts = (await world.erase()).erased
    # What was there when it began; or nothing, where another process has finished it by now.
    assert (counts.meals, counts.goals, counts.streaks) in ((2, 1, 1), (0, 0, 0))
    if step in STEPS[:2]:
        assert counts.meals == 2
    assert world.left() == []
    assert ("DeleteUserData", "done") in world.audited()


@pytest.mark.parametrize("step", NOTED[::3], ids=str)
async def test_the_users_next_meal_is_logged_once_it_is_finished(world, step):
    await world.fill()
    await world.killed_at(step)
    await world.seen()
    anew = await world.log(idempotency_key=f"{CANARY}-a")  # a key of before, too
    await world.finished()
    meals = list(world.database["meal_logs"].find())
    assert [str(each["_id"]) for each in meals] == [anew.meal.id]
    assert anew.streak.current == 1


@pytest.mark.parametrize("step", NOTED[1::3], ids=str)
async def test_a_service_that_starts_again_finishes_it(start, call, new_pair, tmp_path, step):
    """Nobody else is there: the one that was killed, or its successor on the same machine."""
    pair = await new_pair()
    world = World(pair.servers, pair.database, call, pair.user())
    await world.fill()
    pair.servers[1].kill()
    await world.killed_at(step)
    settings = {
        "DIETCARE_ENV": "staging",
        "DIETCARE_MONGODB_URI": "mongodb://{}:{}/?directConnection=true".format(
            *world.database.client.address
        ),
        "DIETCARE_MONGODB_DATABASE": world.database.name,
        "DIETCARE_JWT_SECRET": SECRET,
    }
    await asyncio.to_thread(start, [(tmp_path, settings)])
    await world.finished()
    assert world.left() == []


async def test_a_call_whose_process_was_killed_behind_the_fence_leaves_nothing_for_long(world):
    """It inserted its meal after the erasure, and died before it looked whether there was one."""
    await world.fill()
    with world.stopped_at("insert", "meal_logs", 0) as reached:
        late = asyncio.ensure_future(world.log(0))
        await asyncio.to_thread(reached)
        assert (await world.erase()).erased.meals == 2
        world.servers[0].kill()
        await asyncio.gather(late, return_exceptions=True)
    assert world.left() == []


@pytest.mark.parametrize("redis", [False, True], ids=["without redis", "with redis"])
async def test_users_who_log_and_are_erased_at_once_from_both_sides_end_with_nothing(
    new_pair, new_valkey, call, redis
):
    """Random calls and erasures by both processes; the limits add up to what was answered."""
    more = {"DIETCARE_REDIS_URL": new_valkey().url} if redis else {}
    pair = await new_pair(**more, DIETCARE_LIMIT_MEALS_PER_DAY="40")
    world = World(pair.servers, pair.database, call, pair.user())
    dice, codes = random.Random(7), []  # noqa: S311 - no secret depends on it

    async def work(n):
        for turn in range(6):
            server = dice.randrange(2)
            if n == 0 and turn % 2:
                await world.erase(server)
                continue
            key = {"idempotency_key": f"{n}-{turn}"} if dice.random() < 0.5 else {}
            started = await call.start(world.servers[server], "LogMeal", world.user, LUNCH, **key)
            codes.append((await started.code()).name)

    await asyncio.gather(*(work(n) for n in range(WORKERS)))
    found = Counter(codes)
    assert set(found) <= {"OK", "ABORTED", "RESOURCE_EXHAUSTED"}
    quota = (await world.ask("GetQuota", quota_pb2.GetQuotaRequest())).quota
    assert quota.meals.remaining == 40 - found["OK"]
    listed = await world.ask("ListMeals", meal_pb2.ListMealsRequest(page_size=100))
    stored = world.database["meal_logs"].count_documents({"user_id": ObjectId(world.user)})
    assert listed.pagination.total == len(listed.meals) == stored
    await world.erase(0)
    assert world.left() == []


async def test_what_stays_of_a_user_is_under_a_hash(world):
    await world.fill()
    await world.erase()
    hashed = ObjectId(pseudonym(world.user))
    counters = list(world.database["rate_limits"].find({"user_id": hashed}))
    assert sorted(each["count"] for each in counters) == [2, 2]
