"""What is done once, by whoever asks and whoever dies; over memory, by a clock that stands."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dietcare.clock import Clock, new_id
from dietcare.domain.idempotency import LIFETIME, NOBODY, Answer
from dietcare.errors import (
    DatabaseConnectionError,
    DeadlineExceededError,
    DietCareError,
    IdempotencyConflictError,
    InvalidMealDataError,
    MealLogLimitExceededError,
)
from dietcare.repositories.memory.idempotency import MemoryIdempotencyRepository
from dietcare.services import idempotency
from dietcare.services.claims import LEASE_MARGIN, Request
from dietcare.services.idempotency import IdempotencyService
from dietcare.services.owners import Owners

USER = "507f1f77bcf86cd799439011"
ASKED = Request(USER, "LogMeal", "a-key", b"what it means", timeout_s=12)
LEASE = timedelta(seconds=ASKED.timeout_s) + LEASE_MARGIN
AT = datetime(2025, 11, 27, 9, 30, tzinfo=UTC)
LIMITED = MealLogLimitExceededError(50, AT, 1)


class HandClock(Clock):
    def __init__(self):
        self.at = AT

    def now(self):
        return self.at


class FakeOwners(Owners):
    """Of a process that can end."""

    gone: set[str]

    def __init__(self, process, gone):
        self.process, self.gone, self.count = process, gone, 0

    def new(self):
        self.count += 1
        return f"{self.process}/{self.count}"

    def is_mine(self, owner):
        return owner.startswith(f"{self.process}/")

    def is_gone(self, owner):
        return owner.partition("/")[0] in self.gone


class World:
    """Several processes on the same records."""

    def __init__(self):
        self.clock, self.gone = HandClock(), set()
        self.records = MemoryIdempotencyRepository()

    def process(self, name):
        return IdempotencyService(self.records, self.clock, new_id, FakeOwners(name, self.gone))

    async def stored(self):
        return await self.records.get(USER, ASKED.rpc, ASKED.key)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def one(world):
    return world.process("one")


@pytest.fixture
def two(world):
    return world.process("two")


class Work:
    """Work that answers with its id, once `go` is set, or fails."""

    def __init__(self, failure=None, *, waits=False):
        self.attempts, self.failure = [], failure
        self.began, self.go = asyncio.Event(), asyncio.Event()
        if not waits:
            self.go.set()

    async def __call__(self, attempt):
        self.attempts.append(attempt)
        self.began.set()
        await self.go.wait()
        if self.failure is not None:
            raise self.failure
        return Answer(attempt.id.encode(), (("etag", '"1"'),))


async def dies_at_work(world, service, process):
    """A process that wrote its record, began, and is not there any more."""
    work = Work(waits=True)
    task = asyncio.ensure_future(service.once(ASKED, work))
    await work.began.wait()
    world.gone.add(process)
    return task, work


async def test_the_first_call_does_the_work_and_the_next_gets_its_answer(one):
    work = Work()
    first = await one.once(ASKED, work)
    again = await one.once(ASKED, work)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert again.answer == first.answer
    assert len(work.attempts) == 1


async def test_the_record_is_there_before_the_work_with_the_id_of_its_result(one, world):
    async def work(attempt):
        record = await world.stored()
        assert (record.result_id, record.answer) == (attempt.id, None)
        assert record.leased_until == AT + LEASE
        assert record.expires_at == AT + LIFETIME
        return Answer(b"done")

    await one.once(ASKED, work)
    assert (await world.stored()).answer == Answer(b"done")


async def test_another_process_gives_the_same_answer(one, two):
    work = Work()
    first = await one.once(ASKED, work)
    again = await two.once(ASKED, work)
    assert (again.answer, again.is_replay) == (first.answer, True)
    assert len(work.attempts) == 1


async def test_many_at_once_in_one_process_wait_for_one(one):
    work = Work()
    outcomes = await asyncio.gather(*(one.once(ASKED, work) for _ in range(100)))
    assert len(work.attempts) == 1
    assert len({each.answer for each in outcomes}) == 1
    assert [each.is_replay for each in outcomes].count(False) == 1


async def test_who_asks_in_another_process_waits_for_the_answer(one, two):
    work = Work(waits=True)
    first = asyncio.ensure_future(one.once(ASKED, work))
    await work.began.wait()
    second = asyncio.ensure_future(two.once(ASKED, work))
    work.go.set()
    assert (await second).answer == (await first).answer
    assert (await second).is_replay
    assert len(work.attempts) == 1


@pytest.mark.parametrize("asked_of", ["one", "two"])
async def test_another_request_under_the_key_conflicts_with_work_that_goes_on(one, two, asked_of):
    work, other = Work(waits=True), replace(ASKED, fingerprint=b"another")
    first = asyncio.ensure_future(one.once(ASKED, work))
    await work.began.wait()
    with pytest.raises(IdempotencyConflictError):
        await {"one": one, "two": two}[asked_of].once(other, work)
    work.go.set()
    await first
    assert len(work.attempts) == 1


async def test_another_request_under_the_key_conflicts_with_the_stored_answer(one, two):
    await one.once(ASKED, Work())
    work = Work()
    with pytest.raises(IdempotencyConflictError):
        await two.once(replace(ASKED, fingerprint=b"another"), work)
    assert work.attempts == []


@pytest.mark.parametrize(
    "other", [{"key": "B"}, {"rpc": "UpdateMeal"}, {"user_id": "0" * 24}], ids=str
)
async def test_other_keys_rpcs_and_users_have_answers_of_their_own(one, other):
    work = Work()
    first = await one.once(ASKED, work)
    second = await one.once(replace(ASKED, **other), work)
    assert first.answer != second.answer


async def test_the_answer_is_given_for_24_hours(one, world):
    work = Work()
    await one.once(ASKED, work)
    world.clock.at += LIFETIME - timedelta(milliseconds=1)
    assert (await one.once(ASKED, work)).is_replay
    world.clock.at += timedelta(milliseconds=1)
    assert not (await one.once(ASKED, work)).is_replay
    assert len({attempt.id for attempt in work.attempts}) == 2


@pytest.mark.parametrize("failure", [InvalidMealDataError(), LIMITED], ids=str)
async def test_a_refusal_is_not_stored_and_the_next_call_begins_anew(one, world, failure):
    refused, work = Work(failure), Work()
    with pytest.raises(type(failure)):
        await one.once(ASKED, refused)
    assert await world.stored() is None
    assert not (await one.once(ASKED, work)).is_replay
    (attempt,) = work.attempts
    assert not attempt.resumed
    assert attempt.id != refused.attempts[0].id


@pytest.mark.parametrize(
    "failure",
    [DatabaseConnectionError(), DeadlineExceededError(), DietCareError(), ValueError("a bug")],
    ids=repr,
)
async def test_after_a_failure_that_leaves_open_what_was_done_the_id_stays(one, two, failure):
    failed, work = Work(failure), Work()
    with pytest.raises(type(failure)):
        await one.once(ASKED, failed)
    await two.once(ASKED, work)
    (attempt,) = work.attempts
    assert attempt.id == failed.attempts[0].id
    assert attempt.resumed
    assert not attempt.is_paid  # its unit was given back


async def test_a_refusal_of_a_second_try_does_not_free_the_key_either(one, two, world):
    failed = Work(DatabaseConnectionError())
    with pytest.raises(DatabaseConnectionError):
        await one.once(ASKED, failed)
    with pytest.raises(MealLogLimitExceededError):
        await two.once(ASKED, Work(LIMITED))
    assert (await world.stored()).owner == NOBODY
    assert (await two.once(ASKED, Work())).answer.body == failed.attempts[0].id.encode()


async def test_all_who_waited_get_the_failure(one):
    failed = Work(InvalidMealDataError())
    calls = (one.once(ASKED, failed) for _ in range(5))
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(each) for each in outcomes] == [InvalidMealDataError] * 5
    assert len(failed.attempts) == 1


async def test_the_work_goes_on_when_its_caller_is_gone(one, world):
    work = Work(waits=True)
    caller = asyncio.ensure_future(one.once(ASKED, work))
    await work.began.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    work.go.set()
    await one.aclose()
    assert (await world.stored()).answer is not None
    assert (await one.once(ASKED, work)).is_replay
    assert len(work.attempts) == 1


async def test_what_does_not_finish_in_time_when_the_process_stops_is_given_up(
    one, two, world, monkeypatch
):
    monkeypatch.setattr(idempotency, "GRACE_S", 0.01)
    hanging, work = Work(waits=True), Work()
    caller = asyncio.ensure_future(one.once(ASKED, hanging))
    await hanging.began.wait()
    await one.aclose()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert (await world.stored()).owner == NOBODY
    await two.once(ASKED, work)
    assert work.attempts[0].id == hanging.attempts[0].id


async def test_one_who_stops_waiting_leaves_the_others_their_answer(one):
    work = Work(waits=True)
    callers = [asyncio.ensure_future(one.once(ASKED, work)) for _ in range(3)]
    await work.began.wait()
    callers[0].cancel()
    work.go.set()
    answers = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1] == answers[2]


async def test_work_that_takes_too_long_is_given_up_and_may_be_resumed(one, world):
    hanging, work = Work(waits=True), Work()
    with pytest.raises(DeadlineExceededError):
        await one.once(replace(ASKED, timeout_s=0.05), hanging)
    assert (await world.stored()).owner == NOBODY
    await one.once(ASKED, work)
    assert work.attempts[0].id == hanging.attempts[0].id


async def test_what_a_dead_process_began_is_finished_at_once_under_the_same_id(one, two, world):
    task, died = await dies_at_work(world, one, "one")
    work = Work()
    outcome = await two.once(ASKED, work)
    (attempt,) = work.attempts
    assert attempt.id == died.attempts[0].id
    assert (attempt.at, attempt.resumed, attempt.is_paid) == (AT, True, True)
    assert not outcome.is_replay
    # It was not dead after all: the other one's answer counts.
    died.go.set()
    assert await task == replace(outcome, is_replay=True)


async def test_where_nothing_is_known_of_the_owner_the_lease_decides(one, two, world):
    task, died = await dies_at_work(world, one, "a process that nobody asks for")
    waiting = asyncio.ensure_future(two.once(ASKED, work := Work()))
    for _ in range(5):  # it looks, and waits
        await asyncio.sleep(0)
    assert work.attempts == []
    world.clock.at += LEASE
    await waiting
    assert work.attempts[0].id == died.attempts[0].id
    died.go.set()
    await task


async def test_of_two_who_take_over_one_does_the_work(one, two, world):
    task, died = await dies_at_work(world, one, "one")
    works = [Work(), Work()]
    processes = [two, world.process("three")]
    await asyncio.gather(*(p.once(ASKED, w) for p, w in zip(processes, works, strict=True)))
    assert sum(len(work.attempts) for work in works) == 1
    died.go.set()
    await task


async def test_a_deletion_meanwhile_is_told_to_who_takes_over(one, two, world):
    task, died = await dies_at_work(world, one, "one")
    await world.records.note_deleted(USER, ASKED.rpc, died.attempts[0].id)
    await two.once(ASKED, work := Work())
    assert work.attempts[0].is_deleted
    died.go.set()
    await task


class Failing(MemoryIdempotencyRepository):
    """A database that is gone by the time of the answer."""

    async def put(self, user_id, record, *, over):
        raise DatabaseConnectionError

    async def remove(self, user_id, record):
        raise DatabaseConnectionError


async def test_an_answer_that_can_not_be_stored_is_given_all_the_same(world):
    world.records = Failing()
    service = world.process("one")
    assert (await service.once(ASKED, Work())).answer.body
    with pytest.raises(InvalidMealDataError):
        await service.once(replace(ASKED, key="B"), Work(InvalidMealDataError()))


async def test_what_this_process_left_unfinished_it_finishes_at_once(world):
    world.records = Failing()
    service = world.process("one")
    first = await service.once(ASKED, Work())
    world.records.__class__ = MemoryIdempotencyRepository  # the database is back
    await service.once(ASKED, work := Work())
    assert work.attempts[0].resumed
    assert work.attempts[0].id.encode() == first.answer.body
