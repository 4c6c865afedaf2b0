"""The audit log as it is appended to and read."""

import inspect
from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.domain.audit import AuditEntry, Outcome
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.port import AuditLog


@pytest.fixture
def audit(repositories):
    return repositories.audit


@pytest.fixture
def entry(build, user):
    return AuditEntry(user, "당뇨 clinic", "GetMeal", "req_1", Outcome.GRANTED, build.at)


async def entries(audit, user):
    return [each async for each in audit.all(user)]


async def test_entries_are_read_back_as_they_were_oldest_first(audit, entry, user):
    many = [replace(entry, at=entry.at + timedelta(hours=n), action=str(n)) for n in range(4)]
    for index in (2, 0, 3, 1):
        await audit.append(user, many[index])
    assert await entries(audit, user) == many


async def test_entries_of_one_millisecond_keep_the_order_they_were_appended_in(audit, entry, user):
    many = [replace(entry, outcome=outcome) for outcome in [*Outcome] * 20]
    for each in many:
        await audit.append(user, each)
    assert await entries(audit, user) == many


async def test_the_same_entry_twice_is_two_entries(audit, entry, user):
    await audit.append(user, entry)
    await audit.append(user, entry)
    assert await entries(audit, user) == [entry, entry]


async def test_entries_belong_to_the_user_named_first(audit, entry, user, other):
    await audit.append(other, entry)
    assert await entries(audit, user) == []
    assert await entries(audit, other.upper()) == [replace(entry, user_id=other)]


async def test_more_entries_than_a_batch_holds(audit, entry, user):
    for _ in range(503):
        await audit.append(user, entry)
    assert len(await entries(audit, user)) == 503


async def test_an_entry_of_nobody_is_refused(audit, entry):
    with pytest.raises(DatabaseQueryError):
        await audit.append("a clinic", entry)


async def test_a_second_client_reads_what_the_first_has_appended(audit, another, entry, user):
    await audit.append(user, entry)
    assert await entries(another.repositories.audit, user) == [entry]


def test_nothing_can_be_changed_or_taken_out_through_the_port():
    methods = {name for name, _ in inspect.getmembers(AuditLog, inspect.isfunction)}
    assert methods == {"append", "all"}
