"""Two services on one storage, which can be stopped at any step of any call."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from google.rpc import error_details_pb2

from dietcare.app import App, Overrides, build_app
from dietcare.auth.tokens import issue
from dietcare.clock import Clock, SystemClock, new_id
from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.ids import MealId, UserId
from dietcare.domain.meal import Meal, MealDraft, MealType, new_meal
from dietcare.domain.nutrients import Nutrients
from dietcare.limits.pseudonym import Pseudonyms
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.repositories.port import Backend, Repositories
from dietcare.serving import CONTRACT, SERVICE
from dietcare.settings import Settings
from dietcare.v1 import account_pb2, analysis_pb2, food_pb2, goal_pb2, meal_pb2, service_pb2_grpc
from dietcare.vision.port import Picture, PictureReader, Sighting, VisionModel
from gateway import Api, Call, LocalDispatcher, ReplyStream, RpcFailure
from gateway.status import detail

SECRET = "a secret that only these tests know"
FAR_FUTURE = 4_102_444_800  # 2100-01-01
CANARY = "kanarienvogel"
"""Stands in every field of a user's that takes text."""
PATIENCE_S = 30
METHODS = {method.name: method for method in Api.load(CONTRACT.read_bytes(), [SERVICE]).methods}


class MovedClock(Clock):
    """The machine's, moved by a test."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


class Gate:
    """Stops the first call that comes to one place, until it is opened."""

    def __init__(self) -> None:
        self.place = ""
        self.reached, self._open = asyncio.Event(), asyncio.Event()

    def close(self, place: str) -> None:
        """`place` is a repository, its method, and before or after: `meals.insert before`."""
        self.place = place
        self.reached, self._open = asyncio.Event(), asyncio.Event()

    def open(self) -> None:
        self._open.set()

    async def pass_(self, place: str) -> None:
        if place == self.place and not self.reached.is_set():
            self.reached.set()
            await self._open.wait()


class Gated:
    """A repository whose every method passes the gate before and after."""

    def __init__(self, inner: Any, name: str, gate: Gate) -> None:
        self._inner, self._name, self._gate = inner, name, gate

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if not asyncio.iscoroutinefunction(method):
            return method

        async def passing(*given: Any, **named: Any) -> Any:
            await self._gate.pass_(f"{self._name}.{name} before")
            answer = await method(*given, **named)
            await self._gate.pass_(f"{self._name}.{name} after")
            return answer

        return passing


class GatedBackend(Backend):
    """Another backend with a gate in it; who opened that closes it."""

    def __init__(self, inner: Backend, gate: Gate) -> None:
        self._inner, self.name, self.is_shared = inner, inner.name, inner.is_shared
        stored = inner.repositories
        nouns = ("meals", "goals", "analyses", "streaks", "idempotency", "erasures", "audit")
        gated: dict[str, Any] = {each: Gated(getattr(stored, each), each, gate) for each in nouns}
        self._stored = replace(stored, **gated)

    @property
    def repositories(self) -> Repositories:
        return self._stored

    async def ping(self) -> None:
        await self._inner.ping()

    async def migrate(self) -> Sequence[str]:
        return await self._inner.migrate()

    async def pending_migrations(self) -> Sequence[str]:
        return await self._inner.pending_migrations()

    async def aclose(self) -> None:
        """It is not ours."""


class Pictures(PictureReader):
    """Takes anything for a picture that nobody has seen."""

    async def from_url(self, url: str) -> Picture:
        return Picture(b"", os.urandom(32).hex())

    async def from_bytes(self, data: Any) -> Picture:
        return Picture(bytes(data), os.urandom(32).hex())


class Vision(VisionModel):
    """Sees something that nobody has told it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def look(self, picture: Picture) -> Sighting:
        await self._gate.pass_("vision")
        seen = Food("파이", 100, Nutrients(2), Confidence.HIGH, NutrientSource.MODEL)
        return Sighting((seen,), "a-model", "v1", 5, 10)


class Answer:
    """What came back: `code`, `reason`, `message`, and whether it is a replay."""

    def __init__(self, outcome: Any) -> None:
        self.message, self.code, self.reason = None, "OK", ""
        if isinstance(outcome, RpcFailure):
            info = detail(outcome.status, error_details_pb2.ErrorInfo)
            self.code, self.reason = outcome.code.name, info.reason if info else ""
        else:
            self.message = outcome.message
        self.is_replay = ("idempotent-replayed", "true") in tuple(outcome.metadata)


@dataclass
class One:
    """One of the services."""

    app: App
    gate: Gate
    dispatcher: LocalDispatcher

    async def call(self, user: str, rpc: str, message: Any, **metadata: str) -> Answer:
        token = issue(SECRET, "HS256", user, expires_at=FAR_FUTURE)
        pairs = [("authorization", f"Bearer {token}")]
        pairs += [(name.replace("_", "-"), value) for name, value in metadata.items()]
        try:
            return Answer(await self.dispatcher.unary(Call(METHODS[rpc], message, tuple(pairs))))
        except RpcFailure as failure:
            return Answer(failure)

    def exporting(self, user: str) -> ReplyStream:
        """An export of everything, record by record."""
        token = issue(SECRET, "HS256", user, expires_at=FAR_FUTURE)
        request = account_pb2.ExportUserDataRequest(user_id=user)
        metadata = (("authorization", f"Bearer {token}"),)
        return self.dispatcher.stream(Call(METHODS["ExportUserData"], request, metadata))

    async def stopped(self, place: str, *call: Any, **metadata: str) -> asyncio.Task[Answer]:
        """A call that stands before the gate."""
        self.gate.close(place)
        task = asyncio.create_task(self.call(*call, **metadata))
        waiting = asyncio.create_task(self.gate.reached.wait())
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        assert self.gate.reached.is_set(), f"the call never came to {place}"
        return task


@dataclass
class World:
    """Both services, what is under them, and a user."""

    one: One
    two: One
    clock: MovedClock
    backend: Backend
    database: Any
    """None for memory."""
    valkey: Any
    """None without."""
    user: str

    @property
    def meal(self) -> Any:
        return MEAL

    @property
    def erasing(self) -> tuple[str, Any]:
        return "DeleteUserData", account_pb2.DeleteUserDataRequest(user_id=self.user)

    async def erase(self, by: One | None = None) -> Answer:
        return await (by or self.two).call(self.user, *self.erasing)

    async def log(self, by: One | None = None, **metadata: str) -> Answer:
        return await (by or self.one).call(self.user, "LogMeal", MEAL, **metadata)

    async def fill(self) -> None:
        """One of everything, in each of its ways, with the canary in every text."""
        one = self.one
        for key in (f"{CANARY}1", f"{CANARY}2"):
            logged = await self.log(idempotency_key=key)
            assert logged.code == "OK", logged.reason
        for stage in (3, 4):
            goals = goal_pb2.UpdateGoalsRequest(ckd_stage=stage, weight_kg=61.5)
            assert (await one.call(self.user, "UpdateGoals", goals)).code == "OK"
        assert (await one.call(self.user, "GetGoals", goal_pb2.GetGoalsRequest())).code == "OK"
        url = f"https://pictures.example/{CANARY}.jpg?{CANARY}"
        for request in (
            analysis_pb2.AnalyzeFoodRequest(image_url=url),
            analysis_pb2.AnalyzeFoodRequest(image_data=b"photo"),
        ):
            answer = await one.call(self.user, "AnalyzeFood", request, idempotency_key=new_id())
            assert answer.code == "OK", answer.reason

    async def settle(self) -> None:
        """Let the end of the erasure come, and both services look."""
        self.clock.ahead += timedelta(seconds=300)
        for each in (self.one, self.two):
            await each.app.keeper.look()
            await each.app.keeper.idle()

    async def left(self) -> list[str]:
        """What is left of the user wherever anything is, but for what may be."""
        found = [each async for each in self.backend.repositories.meals.all(self.user)]
        stored = self.backend.repositories
        left = [f"meal {each.id}" for each in found]
        left += [f"analysis {a.id}" async for a in stored.analyses.all(self.user)]
        left += ["goals"] * await stored.goals.count(self.user)
        left += ["keys"] * await stored.idempotency.count(self.user)
        record = await stored.streaks.get(self.user)
        left += (
            ["streak"]
            if record is not None and (record.meals_total or record.longest_streak)
            else []
        )
        return left + self._in_mongo() + self._in_redis()

    def _in_mongo(self) -> list[str]:
        if self.database is None:
            return []
        owner, found = self.user, []
        for name in self.database.list_collection_names():
            for document in self.database[name].find():
                text = str(document)
                of_user = owner in text and name not in ("audit_log", "erasures", "user_streaks")
                if CANARY in text or of_user:
                    found.append(f"{name}: {text}")
        return found

    def _in_redis(self) -> list[str]:
        if self.valkey is None:
            return []
        found = []
        for key in self.valkey.scan_iter():
            value = _value(self.valkey, key)
            of_user = self.user.encode() in key and value.partition(b":")[2] != b""
            if CANARY.encode() in key + value or of_user:
                found.append(f"{key!r}: {value!r}")
        return found

    def late_meal(self) -> Meal:
        """A meal as a call of before the erasure may yet store it."""
        now, food = self.clock.now(), Food(CANARY, 100, Nutrients(2))
        return new_meal(
            MealDraft(MealType.LUNCH, (food,), note=CANARY),
            meal_id=MealId(new_id()),
            user_id=UserId(self.user),
            now=now,
            zone_name="Asia/Seoul",
        )

    def held(self, name: str) -> int:
        """How much there is of the user in a place of the registry."""
        if "{" not in name:
            return int(self.database[name].count_documents({"user_id": ObjectId(self.user)}))
        value = _value(self.valkey, name.format(user_id=self.user).encode())
        return len(value.partition(b":")[2])

    @property
    def pseudonym(self) -> str:
        return Pseudonyms(SECRET).of(self.user)


def _value(valkey: Any, key: bytes) -> bytes:
    if valkey.type(key) == b"hash":
        return str(valkey.hgetall(key)).encode()
    return valkey.get(key) or b""


MEAL = meal_pb2.LogMealRequest(
    meal_type=meal_pb2.MEAL_TYPE_LUNCH,
    note=CANARY,
    foods=[food_pb2.Food(name=CANARY, portion_g=400, sodium_mg=900)],
)


@asynccontextmanager
async def open_world(
    mongo: tuple[str, Any] | None = None,
    cached: tuple[str, Any] | None = None,
    *,
    is_sole: bool = False,
    **settings: Any,
) -> AsyncIterator[World]:
    """Two services with those settings, over memory where no database is given.

    Each place is its URL, and a client of it. Where `is_sole`, use the first service alone: it
    takes itself for the only one.
    """
    async with AsyncExitStack() as stack:
        clock = MovedClock()
        said: dict[str, Any] = {"jwt_secret": SECRET, "limit_ip_per_minute": 0, **settings}
        backend: Backend = MemoryBackend()
        if mongo is not None:
            uri, name = mongo[0], mongo[1].name
            backend = MongoBackend.open(uri, name, driver="pymongo", clock=clock)
            stack.push_async_callback(backend.aclose)
            said |= {"mongodb_uri": uri, "mongodb_database": name}
        if cached is not None:
            said["redis_url"] = cached[0]
        made = Settings(_env_file=None, **said).completed({}, is_sole_process=is_sole)
        services = [await stack.enter_async_context(_one(made, backend, clock)) for _ in "12"]
        places = (mongo and mongo[1], cached and cached[1])
        yield World(*services, clock, backend, *places, os.urandom(12).hex())


@asynccontextmanager
async def _one(settings: Settings, backend: Backend, clock: Clock) -> AsyncIterator[One]:
    gate = Gate()
    overrides = Overrides(GatedBackend(backend, gate), Vision(gate), Pictures(), clock, new_id)
    async with build_app(settings, overrides) as app:
        dispatcher = await LocalDispatcher.build(
            lambda server: service_pb2_grpc.add_DietCareServiceServicer_to_server(
                app.servicer, server
            ),
            app.interceptors,
        )
        try:
            yield One(app, gate, dispatcher)
        finally:
            gate.open()
