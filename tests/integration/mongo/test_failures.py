"""A database that fails is an error of ours, soon, and without the driver's words."""

import asyncio
import time
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import pytest

from dietcare.domain.erasure import Erasure
from dietcare.domain.meal import MealCursor, MealFilter
from dietcare.domain.streak import Intent, StreakRecord
from dietcare.errors import DatabaseConnectionError, DatabaseQueryError
from dietcare.repositories.mongo.client import open_client

PATIENCE_S = 4.0


class Proxy:
    """Stands between client and server until it loses the connections or falls silent."""

    def __init__(self, target):
        self._target = target
        self._tasks, self._writers = set(), set()
        self._silent = False

    @asynccontextmanager
    async def running(self):
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.lose()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def lose(self):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    def fall_silent(self):
        self._silent = True

    async def _accept(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        upstream_reader, upstream_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, upstream_writer}
        pumps = [(reader, upstream_writer), (upstream_reader, writer)]
        await asyncio.gather(*(self._pump(*pump) for pump in pumps), return_exceptions=True)

    async def _pump(self, reader, writer):
        while data := await reader.read(65536):
            if not self._silent:
                writer.write(data)
        writer.close()


@pytest.fixture
async def proxied(mongod_uri, open_backend):
    """Two backends, each with the proxy that it reaches the database through."""
    address = urlsplit(mongod_uri)
    target = (address.hostname, address.port)
    async with Proxy(target).running() as one, Proxy(target).running() as two:
        uris = [f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true" for proxy in (one, two)]
        yield [(open_backend(uri), proxy) for uri, proxy in zip(uris, (one, two), strict=True)]


def calls(backend, build, user):
    """One of every method, by name."""
    meals, goals = backend.repositories.meals, backend.repositories.goals
    sessions, analyses = backend.repositories.sessions, backend.repositories.analyses
    streaks, erasures = backend.repositories.streaks, backend.repositories.erasures
    archive = backend.repositories.archive
    cursor = MealCursor(build.at, build.id())
    return {
        "meals.insert": meals.insert(user, build.meal(user)),
        "meals.get": meals.get(user, build.id()),
        "meals.replace": meals.replace(user, build.meal(user)),
        "meals.delete": meals.delete(user, build.id()),
        "meals.page": meals.page(user, MealFilter(), skip=0, limit=1),
        "meals.page_after": meals.page_after(user, MealFilter(), cursor, limit=1),
        "meals.between": meals.between(user, build.day, build.day),
        "meals.tally": meals.tally(user),
        "meals.all": anext(meals.all(user)),
        "meals.erase": meals.erase(user),
        "goals.get": goals.get(user),
        "goals.put": goals.put(user, build.goals(user)),
        "goals.put again": goals.put(user, build.goals(user, version=2)),
        "goals.versions": goals.versions(user),
        "goals.versions_between": goals.versions_between(user, build.at, build.at),
        "goals.erase": goals.erase(user),
        "sessions.current": sessions.current(user, build.at),
        "sessions.take": sessions.take(user, build.session(user), 1),
        "sessions.give_back": sessions.give_back(user, build.id()),
        "sessions.erase": sessions.erase(user, build.at),
        "analyses.insert": analyses.insert(user, build.analysis(user)),
        "analyses.get": analyses.get(user, build.id()),
        "analyses.all": anext(analyses.all(user)),
        "analyses.erase": analyses.erase(user),
        "streaks.get": streaks.get(user),
        "streaks.history": streaks.history(user),
        "streaks.begin": streaks.begin(user, Intent("1", build.at)),
        "streaks.settle": streaks.settle(user, "1", StreakRecord(revision=2), whole=True),
        "streaks.leave": streaks.leave(user, "1"),
        "streaks.remove": streaks.remove(user, 1),
        "erasures.begin": erasures.begin(user, Erasure("e", user, "me", build.at)),
        "erasures.get": erasures.get(user),
        "erasures.count": erasures.count(user, "e", {}),
        "erasures.end": erasures.end(user, "e", build.at),
        "erasures.spare": erasures.spare(user, "e", build.id()),
        "erasures.spared": erasures.spared(user),
        "erasures.remove": erasures.remove(user, "e"),
        "erasures.everyone": erasures.everyone(),
        "archive.all": anext(archive.all(user)),
        "archive.count": archive.count(user),
        "ping": backend.ping(),
        "migrate": backend.migrate(),
        "pending_migrations": backend.pending_migrations(),
    }


async def timed(call):
    """The error of a call, and how long it took."""
    started = time.monotonic()
    try:
        await call
    except Exception as error:
        return error, time.monotonic() - started
    return None, time.monotonic() - started


async def test_a_lost_or_silent_database_is_a_connection_error_of_every_method_in_four_seconds(
    proxied, build, user
):
    for backend, _ in proxied:
        await backend.ping()
    proxied[0][1].lose()
    proxied[1][1].fall_silent()
    made = [call for backend, _ in proxied for call in calls(backend, build, user).items()]
    results = await asyncio.gather(*(timed(call) for _, call in made))
    for (name, _), (error, duration_s) in zip(made, results, strict=True):
        assert type(error) is DatabaseConnectionError, name
        assert str(error) == "DATABASE_UNAVAILABLE: error.database_unavailable", name
        assert duration_s < PATIENCE_S, name


@contextmanager
def failing(raw, *commands, **how):
    """Let the server fail the commands."""
    data = {"failCommands": list(commands), "appName": "dietcare", **how}
    point = {"configureFailPoint": "failCommand"}
    raw.admin.command({**point, "mode": "alwaysOn", "data": data})
    try:
        yield
    finally:
        raw.admin.command({**point, "mode": "off"})


TIMED_OUT, REFUSED, TOO_LONG_FOR_MAJORITY = 50, 13, 64


async def test_a_query_that_takes_too_long_is_a_connection_error(backend, raw, user):
    with (
        failing(raw, "find", errorCode=TIMED_OUT),
        pytest.raises(DatabaseConnectionError) as caught,
    ):
        await backend.repositories.goals.get(user)
    assert caught.value.__cause__ is not None


async def test_a_write_that_no_majority_acknowledged_is_a_connection_error(
    backend, raw, build, user
):
    error = {"code": TOO_LONG_FOR_MAJORITY, "errmsg": "waiting for replication timed out"}
    with failing(raw, "insert", writeConcernError=error), pytest.raises(DatabaseConnectionError):
        await backend.repositories.meals.insert(user, build.meal(user))


async def test_a_query_that_the_server_refuses_is_a_query_error(backend, raw, build, user):
    with (
        failing(raw, "insert", errorCode=REFUSED),
        pytest.raises(DatabaseQueryError) as caught,
    ):
        await backend.repositories.meals.insert(user, build.meal(user))
    assert str(caught.value) == "DATABASE_ERROR: error.database"


async def test_a_connection_that_breaks_once_is_not_noticed(backend, raw, build, user):
    meal = build.meal(user)
    data = {"failCommands": ["insert"], "closeConnection": True, "appName": "dietcare"}
    raw.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": data})
    await backend.repositories.meals.insert(user, meal)
    assert await backend.repositories.meals.get(user, meal.id) == meal


async def test_text_that_can_not_be_stored_is_a_query_error(backend, build, user):
    with pytest.raises(DatabaseQueryError) as caught:
        await backend.repositories.meals.insert(user, build.meal(user, note="\ud800"))
    assert "ud800" not in str(caught.value)


async def test_a_number_that_can_not_be_stored_is_a_query_error(backend, user):
    with pytest.raises(DatabaseQueryError):
        await backend.repositories.streaks.settle(
            user, "1", StreakRecord(2**70, revision=1), whole=True
        )


async def test_a_closed_backend_is_a_connection_error(backend, user):
    await backend.aclose()
    with pytest.raises(DatabaseConnectionError):
        await backend.repositories.streaks.get(user)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("mongodb://user:pa:ss@127.0.0.1", "dietcare"),
        ("mongodb://127.0.0.1:port", "dietcare"),
        ("http://127.0.0.1", "dietcare"),
        ("mongodb://127.0.0.1", "no.name"),
    ],
)
async def test_a_uri_that_can_not_be_used_is_a_connection_error_without_its_password(
    driver, uri, name
):
    with pytest.raises(DatabaseConnectionError) as caught:
        open_client(uri, name, driver)
    assert "pa:ss" not in str(caught.value)
