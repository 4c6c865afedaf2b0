"""Idempotency keys as they are stored: one owner at a time, and an answer that stays."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.domain.idempotency import LIFETIME, NOBODY, Answer, IdempotencyRecord
from dietcare.errors import DatabaseQueryError

RPC, KEY = "LogMeal", "a-key"
# What would be an operator, a field or a path in a query or an update.
KEYS = ("$gt", "$$ROOT", "a.b", "{}", "'", '"', "~" * 255, "!")
ANSWER = Answer(b"\x00\xff\x0a", (("etag", '"1"'), ("location", "/api/diet/meals/1")))


@pytest.fixture
def keys(repositories):
    return repositories.idempotency


@pytest.fixture
def record(build):
    return IdempotencyRecord(
        rpc=RPC,
        key=KEY,
        fingerprint=bytes(range(32)),
        result_id=build.id(),
        owner="first",
        leased_until=build.at + timedelta(seconds=15),
        created_at=build.at,
        expires_at=build.at + LIFETIME,
    )


async def test_a_key_that_was_never_used_has_no_record(keys, user):
    assert await keys.get(user, RPC, KEY) is None


async def test_a_record_is_read_back_as_it_was(keys, record, user):
    assert await keys.insert(user, record) is True
    assert await keys.get(user, RPC, KEY) == record


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_is_only_ever_text(keys, record, user, key):
    named = replace(record, key=key)
    assert await keys.insert(user, named) is True
    assert await keys.insert(user, named) is False
    assert await keys.get(user, RPC, key) == named


async def test_a_second_record_of_the_same_key_is_refused(keys, record, build, user):
    await keys.insert(user, record)
    other = replace(record, owner="second", result_id=build.id())
    assert await keys.insert(user, other) is False
    assert await keys.get(user, RPC, KEY) == record


async def test_of_many_at_once_one_is_stored(keys, record, build, user):
    many = [replace(record, owner=str(n), result_id=build.id()) for n in range(50)]
    stored = await asyncio.gather(*(keys.insert(user, each) for each in many))
    assert stored.count(True) == 1
    assert await keys.get(user, RPC, KEY) == many[stored.index(True)]


async def test_a_key_is_of_one_user_and_one_rpc(keys, record, user, other):
    await keys.insert(user, record)
    assert await keys.insert(other, record) is True
    assert await keys.insert(user, replace(record, rpc="UpdateMeal")) is True
    assert await keys.get(user, "AnalyzeFood", KEY) is None
    assert await keys.remove(other, record) is True
    assert await keys.get(user, RPC, KEY) == record


async def test_another_client_sees_the_record(keys, record, another, user):
    await keys.insert(user, record)
    theirs = another.repositories.idempotency
    assert await theirs.insert(user, replace(record, owner="second")) is False
    assert await theirs.get(user, RPC, KEY) == record


async def test_the_owner_stores_the_answer(keys, record, user):
    await keys.insert(user, record)
    answered = replace(record, answer=ANSWER)
    assert await keys.put(user, answered, over="first") is True
    assert await keys.get(user, RPC, KEY) == answered


async def test_an_answer_stays_whoever_comes_later(keys, record, user):
    await keys.insert(user, record)
    answered = replace(record, answer=ANSWER)
    await keys.put(user, answered, over="first")
    again = replace(record, answer=Answer(b"another"))
    assert await keys.put(user, again, over="first") is False
    assert await keys.put(user, replace(record, owner=NOBODY), over="first") is False
    assert await keys.get(user, RPC, KEY) == answered


async def test_a_record_can_be_taken_over_and_keeps_its_id(keys, record, build, user):
    await keys.insert(user, record)
    later = record.leased_until + timedelta(minutes=1)
    taken = replace(record, owner="second", leased_until=later)
    assert await keys.put(user, replace(taken, result_id=build.id()), over="first") is True
    assert await keys.get(user, RPC, KEY) == taken


async def test_who_was_taken_for_dead_neither_answers_nor_removes(keys, record, user):
    await keys.insert(user, record)
    taken = replace(record, owner="second")
    await keys.put(user, taken, over="first")
    assert await keys.put(user, replace(record, answer=ANSWER), over="first") is False
    assert await keys.remove(user, record) is False
    assert await keys.get(user, RPC, KEY) == taken


async def test_of_many_who_take_over_at_once_one_does(keys, record, user):
    await keys.insert(user, record)
    takers = [replace(record, owner=f"taker {n}") for n in range(20)]
    taken = await asyncio.gather(*(keys.put(user, each, over="first") for each in takers))
    assert taken.count(True) == 1


async def test_a_removed_record_leaves_its_key_free(keys, record, build, user):
    await keys.insert(user, record)
    assert await keys.remove(user, record) is True
    assert await keys.remove(user, record) is False
    fresh = replace(record, result_id=build.id())
    assert await keys.insert(user, fresh) is True
    assert await keys.get(user, RPC, KEY) == fresh


async def test_an_expired_record_is_there_until_it_is_removed(keys, record, user):
    expired = replace(record, expires_at=record.created_at)
    await keys.insert(user, expired)
    assert await keys.insert(user, record) is False
    assert await keys.remove(user, expired) is True
    assert await keys.insert(user, record) is True


async def test_a_deletion_is_noted_where_there_is_no_answer_yet(keys, record, build, user):
    answered = replace(record, key="answered", result_id=build.id(), answer=ANSWER)
    await keys.insert(user, record)
    await keys.insert(user, answered)
    for each in (record, answered):
        await keys.note_deleted(user, RPC, each.result_id.upper())
    assert await keys.get(user, RPC, KEY) == replace(record, is_deleted=True)
    assert await keys.get(user, RPC, "answered") == answered


async def test_a_deletion_concerns_one_users_record_of_one_rpc(keys, record, build, user, other):
    await keys.insert(user, record)
    await keys.note_deleted(other, RPC, record.result_id)
    await keys.note_deleted(user, "UpdateMeal", record.result_id)
    await keys.note_deleted(user, RPC, build.id())
    assert await keys.get(user, RPC, KEY) == record


async def test_erasure_takes_every_record_of_one_user(keys, record, user, other):
    for owner in (user, other):
        await keys.insert(owner, record)
        await keys.insert(owner, replace(record, rpc="UpdateMeal", answer=ANSWER))
    assert await keys.erase(user) == 2
    assert await keys.erase(user) == 0
    assert await keys.get(user, RPC, KEY) is None
    assert await keys.get(other, RPC, KEY) == record


@pytest.mark.parametrize("bad", [{"$gt": ""}, None, "", "z" * 24])
async def test_what_is_no_id_is_looked_up_nowhere(keys, record, user, bad):
    with pytest.raises(DatabaseQueryError):
        await keys.get(bad, RPC, KEY)
    with pytest.raises(DatabaseQueryError):
        await keys.insert(user, replace(record, result_id=bad))
    with pytest.raises(DatabaseQueryError):
        await keys.note_deleted(user, RPC, bad)
