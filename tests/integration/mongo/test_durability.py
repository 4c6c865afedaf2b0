"""What is acknowledged is on a majority, in the journal; what is read is on a majority too."""

import pytest

from dietcare.domain.audit import AuditEntry, Outcome
from dietcare.domain.meal import MealFilter
from dietcare.domain.streak import Intent

WRITES = ("insert", "update", "delete", "findAndModify")
READS = ("find", "aggregate")


@pytest.fixture
async def used(backend, recorder, build, user):
    """One command of each kind at least."""
    repositories = backend.repositories
    meal = build.meal(user)
    await repositories.meals.insert(user, meal)
    await repositories.meals.page(user, MealFilter(), skip=5, limit=1)
    await repositories.meals.tally(user)
    await repositories.meals.delete(user, meal.id)
    await repositories.meals.insert(user, meal)
    await repositories.meals.erase(user)
    await repositories.goals.put(user, build.goals(user))
    session = await repositories.sessions.take(user, build.session(user), 1)
    await repositories.sessions.give_back(user, session.id)
    await repositories.streaks.begin(user, Intent("1", build.at))
    await repositories.streaks.leave(user, "1")
    await repositories.streaks.remove(user, 2)
    entry = AuditEntry(user, "clinic", "GetMeal", "req_1", Outcome.GRANTED, build.at)
    await repositories.audit.append(user, entry)
    assert [each async for each in repositories.audit.all(user)] == [entry]
    return recorder


async def test_every_write_waits_for_a_majority_and_the_journal(used):
    writes = used.of(*WRITES)
    assert {next(iter(command)) for command in writes} == set(WRITES)
    for command in writes:
        assert command["writeConcern"] == {"w": "majority", "j": True}, command


async def test_every_write_but_the_bulk_erasure_is_retryable(used):
    for command in used.of("insert", "update", "findAndModify"):
        assert "txnNumber" in command, command


async def test_every_read_is_of_what_a_majority_has(used):
    reads = used.of(*READS)
    assert {next(iter(command)) for command in reads} == set(READS)
    for command in reads:
        # A snapshot is of what a majority has, too, and of one moment.
        assert command["readConcern"]["level"] in ("majority", "snapshot"), command


async def test_every_command_has_a_limit_of_time(used):
    for command in used.of(*WRITES, *READS):
        assert 0 < command["maxTimeMS"] <= 3000, command


async def test_settings_in_the_uri_do_not_weaken_it(
    mongod_uri, open_backend, recorder, build, user
):
    backend = open_backend(f"{mongod_uri}&w=1&journal=false&readConcernLevel=local&timeoutMS=90000")
    await backend.repositories.meals.insert(user, build.meal(user))
    (command,) = recorder.of("insert")
    assert command["writeConcern"] == {"w": "majority", "j": True}
    assert command["maxTimeMS"] <= 3000


async def test_an_observer_is_told_of_every_command_and_its_end(used):
    names = [next(iter(command)) for command in used.commands]
    assert [name for name, _, _ in used.finishes] == names
    assert all(0 < duration_s < 3 and not failed for _, duration_s, failed in used.finishes)
