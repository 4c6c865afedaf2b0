"""One suite over every backend: a test holds for all of them, or one opts out of it by name."""

import itertools
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dietcare.domain.analysis import Analysis
from dietcare.domain.food import Food
from dietcare.domain.goal import CkdStage, Dialysis, Goals
from dietcare.domain.meal import Meal, MealType
from dietcare.domain.nutrients import Nutrients, total
from dietcare.domain.session import SESSION_LENGTH, Session
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.repositories.mongo.client import Driver
from dietcare.repositories.port import Backend, Repositories

DRIVERS: Mapping[str, Driver] = {"mongo-motor": "motor", "mongo-pymongo": "pymongo"}
MEMORY = "memory"

OPT_OUTS: Mapping[str, Mapping[str, str]] = {
    MEMORY: {"second client": "what memory stores belongs to the one process that holds it"},
}

RICE = Food("현미밥", 210, Nutrients(2, 5.2, 157, 189))


@pytest.fixture(params=[*DRIVERS, MEMORY])
def kind(request: pytest.FixtureRequest) -> str:
    """Which backend."""
    return str(request.param)


@pytest.fixture
def uri(kind: str, request: pytest.FixtureRequest) -> str | None:
    """Where the backend is; None where it is in this process."""
    return None if kind == MEMORY else str(request.getfixturevalue("mongod_uri"))


@pytest.fixture(scope="session")
def database() -> str:
    """One database for all tests of a worker: to make all indexes for each takes 0.1 s.

    Every test has users and ids of its own, and what it left behind is no other test's business.
    """
    return f"contract_{os.urandom(6).hex()}"


@pytest.fixture
async def open_backend(
    kind: str, uri: str | None, database: str
) -> AsyncIterator[Callable[[], Backend]]:
    """Opens one more client of this test's storage."""
    async with AsyncExitStack() as stack:

        def open_one() -> Backend:
            backend: Backend = MemoryBackend()
            if uri is not None:
                backend = MongoBackend.open(uri, database, driver=DRIVERS[kind])
            stack.push_async_callback(backend.aclose)
            return backend

        yield open_one


@pytest.fixture
async def backend(open_backend: Callable[[], Backend]) -> Backend:
    """A migrated backend."""
    backend = open_backend()
    await backend.migrate()
    return backend


@pytest.fixture
def another(backend: Backend, kind: str, open_backend: Callable[[], Backend]) -> Backend:
    """A second client of the same storage, as another process has one."""
    reason = OPT_OUTS.get(kind, {}).get("second client")
    if reason:
        pytest.skip(reason)
    return open_backend()


@pytest.fixture
def repositories(backend: Backend) -> Repositories:
    return backend.repositories


class Builder:
    """Makes valid records, each with an id of its own; later ids are greater."""

    # Ahead of us: mongod deletes sessions that have expired.
    at = datetime(2125, 11, 27, 9, 30, tzinfo=UTC)
    day = date(2125, 11, 27)
    rice = RICE

    def __init__(self) -> None:
        self._numbers = itertools.count(int.from_bytes(os.urandom(12)) >> 1)

    def id(self) -> str:
        return f"{next(self._numbers):024x}"

    def meal(self, user_id: str, *, days: int = 0, minutes: float = 0, **changes: Any) -> Meal:
        """Rice at `at`, moved by days and minutes."""
        logged_at = self.at + timedelta(days=days, minutes=minutes)
        meal = Meal(
            id=self.id(),
            user_id=user_id,
            meal_type=MealType.BREAKFAST,
            foods=(RICE,),
            total_nutrients=RICE.nutrients,
            logged_at=logged_at,
            local_date=logged_at.date(),
            time_zone="Asia/Seoul",
            created_at=logged_at,
            updated_at=logged_at,
        )
        changed = replace(meal, **changes)
        return replace(changed, total_nutrients=total(food.nutrients for food in changed.foods))

    def goals(self, user_id: str, **changes: Any) -> Goals:
        stage = (CkdStage.THREE, Dialysis.NONE)
        goals = Goals(self.id(), user_id, *stage, None, Nutrients(sodium_mg=1800), self.at)
        return replace(goals, **changes)

    def session(self, user_id: str, *, at: datetime | None = None) -> Session:
        opened = at or self.at
        return Session(self.id(), user_id, opened, opened + SESSION_LENGTH, 0)

    def analysis(self, user_id: str, *, minutes: float = 0, **changes: Any) -> Analysis:
        analysis = Analysis(
            id=self.id(),
            user_id=user_id,
            session_id=self.id(),
            foods=(RICE,),
            model="simulated",
            prompt_version="1",
            latency_ms=1200,
            tokens=345,
            created_at=self.at + timedelta(minutes=minutes),
        )
        return replace(analysis, **changes)


@pytest.fixture
def build() -> Builder:
    return Builder()


@pytest.fixture
def user(build: Builder) -> str:
    return build.id()


@pytest.fixture
def other(build: Builder) -> str:
    return build.id()
