"""The tests of idempotency can fail: each safeguard, switched off, makes one of them fail.

A scenario is a test that passes with every safeguard in place. The same scenario runs without one
of them too, and must then find what is wrong.
"""

import asyncio
import os
from dataclasses import replace

import pymongo
import pytest

from dietcare.clock import SystemClock, new_id
from dietcare.domain.food import Food
from dietcare.domain.idempotency import Answer
from dietcare.domain.meal import MealChange, MealDraft, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.services.claims import Request
from dietcare.services.idempotency import IdempotencyService
from dietcare.services.meal import MealService
from dietcare.services.owners import Owners
from dietcare.services.shielded import Shielded
from dietcare.services.streak import StreakService

ZONE = "Asia/Seoul"
DRAFT = MealDraft(MealType.LUNCH, (Food("밥", 210, Nutrients(sodium_mg=2)),))
NOTE = MealChange(frozenset({"note"}), replace(DRAFT, note="a"))


class Processes(Owners):
    """One that can be said to have died."""

    def __init__(self, name, dead):
        self._name, self._dead = name, dead

    def new(self):
        return f"{self._name}/{new_id()}"

    def is_mine(self, owner):
        return owner.startswith(f"{self._name}/")

    def is_gone(self, owner):
        return owner.partition("/")[0] in self._dead


class Wrapped:
    """Another object but for what a subclass says."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)


class World:
    """Processes on one database; `attempt` is what the work is told of its attempt."""

    def __init__(self, backend, client, name):
        self.user, self.dead = os.urandom(12).hex(), set()
        self.stored, self.raw = backend.repositories, client[name]
        self.attempt = lambda attempt: attempt
        self.hanging = []

    @property
    def meals(self):
        stored, clock = self.stored, SystemClock()
        streaks = StreakService(stored.streaks, stored.meals, clock, new_id, Shielded())
        return MealService(
            stored.meals, stored.analyses, streaks, clock, new_id, stored.idempotency
        )

    def process(self, name):
        owners = Processes(name, self.dead)
        return IdempotencyService(self.stored.idempotency, SystemClock(), new_id, owners)

    async def ask(self, process, do):
        request = Request(self.user, do.__name__, "k", b"", timeout_s=20)
        return await process.once(request, do)

    async def LogMeal(self, attempt):  # noqa: N802 - the name of the RPC
        logged = await self.meals.log(self.user, DRAFT, ZONE, self.attempt(attempt))
        return Answer(logged.meal.id.encode())

    def updating(self, meal_id):
        async def UpdateMeal(attempt):  # noqa: N802 - the name of the RPC
            changed = await self.meals.update(
                self.user, meal_id, NOTE, attempt=self.attempt(attempt)
            )
            return Answer(str(changed.meal.version).encode())

        return UpdateMeal

    async def crash(self, do):
        """A process that did its work and died before the answer was stored."""
        done = asyncio.Event()

        async def work(attempt):
            await do(attempt)
            done.set()
            self.hanging.append(asyncio.current_task())
            await asyncio.Event().wait()

        work.__name__ = do.__name__
        process = self.process("dead")
        self.hanging.append(asyncio.ensure_future(self.ask(process, work)))
        await done.wait()
        self.dead.add("dead")

    async def bury(self):
        """End what the dead have left hanging."""
        for task in self.hanging:
            task.cancel()
        await asyncio.gather(*self.hanging, return_exceptions=True)

    async def all(self):
        return [meal async for meal in self.stored.meals.all(self.user)]


@pytest.fixture
async def world(mongod_uri):
    name = f"mutation_{os.urandom(6).hex()}"
    backend = MongoBackend.open(mongod_uri, name, driver="pymongo")
    await backend.migrate()
    with pymongo.MongoClient(mongod_uri) as client:
        world = World(backend, client, name)
        yield world
        await world.bury()
        client.drop_database(name)
    await backend.aclose()


# Scenarios: each returns what must be 1 or empty.


async def meals_of_two_who_ask_at_once(world):
    await asyncio.gather(*(world.ask(world.process(name), world.LogMeal) for name in "ab"))
    return len(await world.all())


async def meals_after_a_crash_and_a_retry(world):
    await world.crash(world.LogMeal)
    await world.ask(world.process("b"), world.LogMeal)
    return len(await world.all())


async def changes_after_a_crash_and_a_retry(world):
    meal = (await world.meals.log(world.user, DRAFT, ZONE)).meal
    update = world.updating(meal.id)
    await world.crash(update)
    await world.ask(world.process("b"), update)
    return (await world.all())[0].version - meal.version


async def meals_deleted_that_came_back(world):
    await world.crash(world.LogMeal)
    (meal,) = await world.all()
    await world.meals.delete(world.user, meal.id, ZONE)
    await world.ask(world.process("b"), world.LogMeal)
    return len(await world.all())


async def answers_after_the_caller_left(world):
    began, go = asyncio.Event(), asyncio.Event()

    async def LogMeal(attempt):  # noqa: N802 - the name of the RPC
        began.set()
        await go.wait()
        return await world.LogMeal(attempt)

    process = world.process("a")
    caller = asyncio.ensure_future(world.ask(process, LogMeal))
    await began.wait()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    go.set()
    await process.aclose()
    return len(await world.all())


async def test_with_every_safeguard_each_scenario_holds(world):
    scenarios = {
        meals_of_two_who_ask_at_once: 1,
        meals_after_a_crash_and_a_retry: 1,
        changes_after_a_crash_and_a_retry: 1,
        meals_deleted_that_came_back: 0,
        answers_after_the_caller_left: 1,
    }
    for scenario, expected in scenarios.items():
        world.user = os.urandom(12).hex()
        assert await scenario(world) == expected, scenario.__name__


async def test_without_the_unique_index_two_who_ask_at_once_log_two_meals(world):
    world.raw["idempotency_keys"].drop_index("user_id_1_rpc_1_key_1")
    assert await meals_of_two_who_ask_at_once(world) == 2


async def test_without_the_id_chosen_beforehand_a_crash_leaves_two_meals(world):
    world.attempt = lambda attempt: replace(attempt, id=new_id())
    assert await meals_after_a_crash_and_a_retry(world) == 2


async def test_without_the_ids_of_changes_a_crash_makes_a_change_twice(world):
    class Forgetful(Wrapped):
        async def get(self, user_id, meal_id):
            meal = await self._inner.get(user_id, meal_id)
            return meal and replace(meal, applied=())

    world.stored = replace(world.stored, meals=Forgetful(world.stored.meals))
    assert await changes_after_a_crash_and_a_retry(world) == 2


async def test_without_the_note_of_the_deletion_a_deleted_meal_comes_back(world):
    class Unnoted(Wrapped):
        async def note_deleted(self, user_id, rpc, result_id):
            return None

    world.stored = replace(world.stored, idempotency=Unnoted(world.stored.idempotency))
    assert await meals_deleted_that_came_back(world) == 1


async def test_without_the_shield_a_caller_who_leaves_takes_the_meal_along(world, monkeypatch):
    async def unshielded(task):
        return await task

    monkeypatch.setattr("dietcare.services.idempotency.asyncio.shield", unshielded)
    assert await answers_after_the_caller_left(world) == 0
