"""The repositories over a real mongod, observed from outside."""

import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pymongo
import pytest

from dietcare.domain.analysis import Analysis
from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.goal import CkdStage, Dialysis, Goals
from dietcare.domain.meal import Meal, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.session import SESSION_LENGTH, Session
from dietcare.repositories.mongo.backend import MongoBackend

# Ahead of us: mongod deletes sessions that have expired.
AT = datetime(2125, 11, 27, 9, 30, tzinfo=UTC)


Raw = pymongo.MongoClient[dict[str, Any]]


@pytest.fixture(scope="session")
def raw(mongod_uri: str) -> Iterator[Raw]:
    """A client that knows nothing of ours."""
    with pymongo.MongoClient(mongod_uri, tz_aware=True) as client:
        yield client


@pytest.fixture(scope="session")
def shared_database(raw: Raw) -> Iterator[Any]:
    """One for all tests of a worker: to make all indexes for each takes 0.1 s."""
    name = f"mongo_{os.urandom(6).hex()}"
    yield raw[name]
    raw.drop_database(name)


@pytest.fixture
def database(shared_database: Any) -> Any:
    """The database, without any record in it but that of the migrations."""
    for name in shared_database.list_collection_names():
        if name != "schema_migrations":
            shared_database[name].delete_many({})
    return shared_database


@pytest.fixture
def fresh_database(raw: Raw) -> Iterator[Any]:
    """A database without anything in it."""
    name = f"mongo_{os.urandom(6).hex()}"
    yield raw[name]
    raw.drop_database(name)


class Recorder:
    """Keeps every command that a client sends."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []
        self.finishes: list[tuple[str, float, bool]] = []

    def started(self, name: str, command: Mapping[str, Any]) -> None:
        self.commands.append(dict(command))

    def finished(self, name: str, duration_s: float, *, failed: bool) -> None:
        self.finishes.append((name, duration_s, failed))

    def of(self, *names: str) -> list[dict[str, Any]]:
        return [command for command in self.commands if next(iter(command)) in names]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(params=["motor", "pymongo"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def open_backend(
    mongod_uri: str, database: Any, driver: Any, recorder: Recorder
) -> AsyncIterator[Callable[..., MongoBackend]]:
    """Opens one more client of the fresh database, or of what is at another URI."""
    async with AsyncExitStack() as stack:

        def open_one(uri: str = mongod_uri) -> MongoBackend:
            backend = MongoBackend.open(uri, database.name, driver=driver, observer=recorder)
            stack.push_async_callback(backend.aclose)
            return backend

        yield open_one


@pytest.fixture
async def backend(open_backend: Callable[..., MongoBackend], recorder: Recorder) -> MongoBackend:
    """A migrated backend of which nothing is recorded yet."""
    backend = open_backend()
    await backend.migrate()
    recorder.commands.clear()
    recorder.finishes.clear()
    return backend


class Builder:
    """Makes valid records with ids that count up from 1."""

    at = AT
    day = date(2125, 11, 27)
    nutrients = Nutrients(2, 5.2, 157, 189)
    food = Food("현미밥", 210, nutrients, Confidence.HIGH, NutrientSource.TABLE, "D1")

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def id(self) -> str:
        return f"{next(self._numbers):024x}"

    def meal(self, user_id: str, *, days: float = 0, **optional: Any) -> Meal:
        at = AT + timedelta(days=days)
        return Meal(
            *(self.id(), user_id, MealType.BREAKFAST, (self.food,), self.nutrients),
            *(at, at.date(), "Asia/Seoul", at, at),
            **optional,
        )

    def goals(self, user_id: str, version: int = 1, **optional: Any) -> Goals:
        chosen = Nutrients(sodium_mg=1800)
        stage = (CkdStage.THREE, Dialysis.NONE)
        return Goals("0" * 23 + "a", user_id, *stage, None, chosen, AT, version, **optional)

    def session(self, user_id: str, at: datetime = AT) -> Session:
        return Session(self.id(), user_id, at, at + SESSION_LENGTH, 0)

    def analysis(self, user_id: str) -> Analysis:
        ids = (self.id(), user_id, self.id())
        return Analysis(*ids, (self.food,), "simulated", "1", 1200, 345, AT, "https://a.kr/b.jpg")


@pytest.fixture
def build() -> Builder:
    return Builder()


@pytest.fixture
def user(build: Builder) -> str:
    return build.id()
