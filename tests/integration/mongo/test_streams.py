"""Long reads: their cursors are closed however they end, and they fail as what they are."""

import asyncio
from contextlib import aclosing, contextmanager
from functools import partial

import pytest

from dietcare.errors import DatabaseConnectionError, DatabaseQueryError
from dietcare.repositories.mongo import collection

REFUSED, SNAPSHOT_TOO_OLD, SNAPSHOT_UNAVAILABLE = 13, 239, 246


@pytest.fixture
async def meals(backend, build, user, monkeypatch):
    """The repository, with six meals of the user, of which two are a batch."""
    monkeypatch.setattr(collection, "BATCH", 2)
    for minutes in range(6):
        await backend.repositories.meals.insert(user, build.meal(user, days=minutes / 1_440))
    return backend.repositories.meals


@pytest.fixture
def no_cursor_left(raw, database):
    """Waits until the server holds no cursor of this database."""
    of_database = {"$match": {"ns": {"$regex": f"^{database.name}\\."}, "cursor": {"$ne": None}}}

    def held():
        return list(raw.admin.aggregate([{"$currentOp": {"idleCursors": True}}, of_database]))

    async def wait():
        async with asyncio.timeout(10):
            while await asyncio.to_thread(held):
                pass

    return wait


@contextmanager
def asked_for(raw, database, command, **how):
    """What the server does when it is asked for meals; gives what waits until it was."""
    data = {"failCommands": [command], "namespace": f"{database.name}.meal_logs", **how}
    point = {"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": data}
    entered = raw.admin.command(point)["count"]
    wait = {"waitForFailPoint": "failCommand", "timesEntered": entered + 1, "maxTimeMS": 10_000}
    try:
        yield partial(asyncio.to_thread, raw.admin.command, wait)
    finally:
        raw.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def killed(recorder):
    """Whether the server was asked to close a cursor, and did."""
    return ("killCursors", False) in {(name, failed) for name, _, failed in recorder.finishes}


async def test_who_stops_early_leaves_no_cursor(meals, user, recorder, no_cursor_left):
    async with aclosing(meals.all(user)) as stream:
        await anext(stream)
    assert killed(recorder)  # at once, and not when the garbage is collected
    await no_cursor_left()


@pytest.mark.parametrize("command", ["find", "getMore"])
async def test_who_is_cancelled_while_the_server_works_leaves_no_cursor(
    meals, raw, database, user, recorder, no_cursor_left, command
):
    async def read():
        async for _ in meals.all(user):
            pass

    with asked_for(raw, database, command, blockConnection=True, blockTimeMS=500) as asked:
        reading = asyncio.create_task(read())
        await asked()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert killed(recorder)
    await no_cursor_left()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (REFUSED, DatabaseQueryError),
        (SNAPSHOT_TOO_OLD, DatabaseConnectionError),
        (SNAPSHOT_UNAVAILABLE, DatabaseConnectionError),
    ],
)
async def test_a_failure_in_the_middle_is_an_error_and_no_end(
    meals, raw, database, user, no_cursor_left, code, expected
):
    stream = meals.all(user)
    with asked_for(raw, database, "getMore", errorCode=code):
        for _ in range(2):
            await anext(stream)
        with pytest.raises(expected):
            await anext(stream)
    await no_cursor_left()


async def test_of_a_closed_backend_there_is_nothing_to_read(backend, meals, user):
    await backend.aclose()
    with pytest.raises(DatabaseConnectionError):
        await anext(meals.all(user))
