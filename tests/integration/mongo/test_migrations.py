"""Migrations are applied in order, once, by however many processes at however bad a moment."""

import asyncio
from datetime import UTC, datetime

import pytest

from dietcare.clock import Clock
from dietcare.errors import DatabaseQueryError
from dietcare.migrations.runner import MIGRATIONS, Migration, MigrationRunner

NOW = datetime(2125, 11, 27, 10, 0, 0, 123000, tzinfo=UTC)


class FrozenClock(Clock):
    def now(self):
        return NOW


@pytest.fixture
def database(fresh_database):
    return fresh_database


@pytest.fixture
def runner(open_backend):
    """Makes a runner with a client of its own."""

    def make(*migrations):
        return MigrationRunner(open_backend().client, FrozenClock(), migrations or MIGRATIONS)

    return make


def recorded(database):
    return {each["_id"]: each["applied_at"] for each in database["schema_migrations"].find()}


def test_the_migrations_are_numbered_in_their_order_without_gaps():
    names = [migration.name for migration in MIGRATIONS]
    assert [int(name.split("_")[0]) for name in names] == list(range(1, len(names) + 1))


async def test_a_fresh_database_has_every_migration_pending(runner):
    assert await runner().pending() == [migration.name for migration in MIGRATIONS]


async def test_applying_records_each_with_its_time(runner, database):
    names = [migration.name for migration in MIGRATIONS]
    assert await runner().apply() == names
    assert recorded(database) == dict.fromkeys(names, NOW)
    assert await runner().pending() == []


async def test_applying_again_does_nothing(runner, database, recorder):
    await runner().apply()
    recorder.commands.clear()
    assert await runner().apply() == []
    assert [next(iter(command)) for command in recorder.commands] == ["find"]


async def test_a_dry_run_names_what_is_missing_and_changes_nothing(runner, database):
    assert await runner().apply(dry_run=True) == [migration.name for migration in MIGRATIONS]
    assert database.list_collection_names() == []


async def test_every_migration_may_be_applied_twice(open_backend, database):
    client = open_backend().client
    for migration in MIGRATIONS * 2:
        await migration.apply(client)
    before = {name: database[name].index_information() for name in database.list_collection_names()}
    for migration in MIGRATIONS:
        await migration.apply(client)
    after = {name: database[name].index_information() for name in database.list_collection_names()}
    assert after == before


async def test_processes_that_migrate_at_once_all_succeed_and_record_each_once(runner, database):
    results = await asyncio.gather(*(runner().apply() for _ in range(5)))
    assert sorted(name for names in results for name in names) == sorted(recorded(database))
    assert await runner().pending() == []
    assert "one_open_session" in database["diet_sessions"].index_information()


async def test_nobody_returns_before_a_migration_is_complete(runner, database):
    reached, release = asyncio.Event(), asyncio.Event()

    async def slow(db):
        reached.set()
        await release.wait()

    first = asyncio.create_task(runner(Migration("0001_slow", slow)).apply())
    await reached.wait()
    second = asyncio.create_task(runner(Migration("0001_slow", slow)).apply())
    assert await runner(Migration("0001_slow", slow)).pending() == ["0001_slow"]
    assert not second.done()
    release.set()
    assert sorted([*await first, *await second]) == ["0001_slow"]


async def test_what_a_crash_interrupted_is_applied_again_and_nothing_after_it_before(
    runner, database
):
    log = []

    def migration(name, *, crash=False):
        async def apply(db):
            log.append(name)
            if crash:
                raise RuntimeError(name)

        return Migration(name, apply)

    one, two, three = (migration(name) for name in ("0001_a", "0002_b", "0003_c"))
    with pytest.raises(RuntimeError):
        await runner(one, migration("0002_b", crash=True), three).apply()
    assert list(recorded(database)) == ["0001_a"]
    assert await runner(one, two, three).apply() == ["0002_b", "0003_c"]
    assert log == ["0001_a", "0002_b", "0002_b", "0003_c"]


async def test_making_an_index_may_take_longer(open_backend, recorder):
    await open_backend().migrate()
    for command in recorder.of("createIndexes"):
        assert command["maxTimeMS"] > 60_000


async def test_an_index_that_contradicts_another_is_a_query_error(backend):
    meals = backend.client.collection("meal_logs")
    with pytest.raises(DatabaseQueryError):
        await meals.create_index([("user_id", 1), ("logged_at", -1)], unique=True)
