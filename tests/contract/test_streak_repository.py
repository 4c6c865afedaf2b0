"""The streak as it is stored: one record a user, and the intents of those who change the meals."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.domain.streak import HISTORY_DAYS, Intent, StreakRecord, record_of


@pytest.fixture
def streaks(repositories):
    return repositories.streaks


@pytest.fixture
def intent(build):
    """Makes a new intent."""
    return lambda: Intent(build.id(), build.at)


@pytest.fixture
def record(build):
    days = [build.day - timedelta(back) for back in (0, 1, 2, 9)]
    return record_of(dict.fromkeys(days, 2))


async def keep(streaks, user, intent, record):
    """Store a record as nobody but its writer would see it."""
    mine = intent()
    begun = await streaks.begin(user, mine)
    stored = replace(record, revision=begun.revision + 1)
    assert await streaks.settle(user, mine.id, stored, whole=True)
    return replace(stored, history=())


async def test_before_the_first_record_there_is_none(streaks, user):
    assert await streaks.get(user) is None
    assert list(await streaks.history(user)) == []


async def test_a_stored_record_is_read_back_as_it_was_without_its_history(
    streaks, record, intent, user
):
    stored = await keep(streaks, user, intent, record)
    assert await streaks.get(user) == stored
    assert stored.is_settled
    assert tuple(await streaks.history(user)) == record.history


async def test_a_record_without_any_day_is_read_back(streaks, intent, user):
    stored = await keep(streaks, user, intent, record_of({}))
    assert await streaks.get(user) == stored
    assert (stored.meals_total, stored.last_logged_date) == (0, None)


async def test_the_first_intent_makes_a_record_that_is_not_to_be_trusted(streaks, intent, user):
    mine = intent()
    begun = await streaks.begin(user, mine)
    assert begun == StreakRecord(revision=1, intents=(mine,))
    assert await streaks.get(user) == begun
    assert not begun.is_settled


async def test_an_intent_comes_to_what_is_stored_and_moves_the_revision(
    streaks, record, intent, user
):
    stored = await keep(streaks, user, intent, record)
    mine, other = intent(), intent()
    await streaks.begin(user, other)
    begun = await streaks.begin(user, mine)
    assert begun == replace(stored, revision=stored.revision + 2, intents=(other, mine))
    assert await streaks.get(user) == begun
    assert tuple(await streaks.history(user)) == record.history


async def test_many_first_intents_at_once_are_all_in_one_record(streaks, intent, user):
    many = [intent() for _ in range(20)]
    begun = await asyncio.gather(*(streaks.begin(user, each) for each in many))
    assert sorted(each.revision for each in begun) == list(range(1, 21))
    assert set((await streaks.get(user)).intents) == set(many)


async def test_settling_stores_what_is_given_and_leaves_the_intents_of_others(
    streaks, record, intent, user
):
    mine, other = intent(), intent()
    await streaks.begin(user, other)
    begun = await streaks.begin(user, mine)
    after = replace(record, revision=begun.revision + 1, intents=(other,))
    assert await streaks.settle(user, mine.id, after, whole=True) is True
    assert await streaks.get(user) == replace(after, history=())


@pytest.mark.parametrize("moved", [-1, 0, 2])
async def test_over_any_other_revision_nothing_is_settled(streaks, record, intent, user, moved):
    mine = intent()
    begun = await streaks.begin(user, mine)
    after = replace(record, revision=begun.revision + moved)
    assert await streaks.settle(user, mine.id, after, whole=True) is False
    assert await streaks.get(user) == begun


async def test_without_its_intent_or_without_a_record_nothing_is_settled(
    streaks, record, intent, user
):
    missing = intent()
    first = replace(record, revision=1)
    assert await streaks.settle(user, missing.id, first, whole=True) is False
    assert await streaks.get(user) is None
    begun = await streaks.begin(user, intent())
    after = replace(record, revision=begun.revision + 1)
    assert await streaks.settle(user, missing.id, after, whole=True) is False
    assert await streaks.get(user) == begun


async def test_of_many_that_settle_one_revision_exactly_one_does(streaks, intent, user):
    many = [intent() for _ in range(20)]
    for each in many:
        await streaks.begin(user, each)
    settled = await asyncio.gather(
        *(
            streaks.settle(user, each.id, StreakRecord(n, revision=21), whole=True)
            for n, each in enumerate(many)
        )
    )
    assert settled.count(True) == 1
    assert (await streaks.get(user)).last_run == settled.index(True)


async def test_a_new_day_comes_before_the_history_that_is_stored(
    streaks, record, build, intent, user
):
    await keep(streaks, user, intent, record)
    mine = intent()
    begun = await streaks.begin(user, mine)
    tomorrow = build.day + timedelta(1)
    after = replace(begun, history=(tomorrow,), revision=begun.revision + 1, intents=())
    assert await streaks.settle(user, mine.id, after, whole=False) is True
    assert tuple(await streaks.history(user)) == (tomorrow, *record.history)


@pytest.mark.parametrize("whole", [True, False])
async def test_the_history_keeps_its_newest_366_days(streaks, build, intent, user, whole):
    days = [build.day - timedelta(back) for back in range(HISTORY_DAYS + 5)]
    kept = record_of(dict.fromkeys(days[1:], 1))
    await keep(streaks, user, intent, kept)
    mine = intent()
    begun = await streaks.begin(user, mine)
    history = tuple(days) if whole else (days[0],)
    after = replace(begun, history=history, revision=begun.revision + 1, intents=())
    assert await streaks.settle(user, mine.id, after, whole=whole) is True
    assert list(await streaks.history(user)) == days[:HISTORY_DAYS]


async def test_who_leaves_takes_the_intent_and_the_trust_with_it(streaks, record, intent, user):
    stored = await keep(streaks, user, intent, record)
    mine, other = intent(), intent()
    await streaks.begin(user, other)
    await streaks.begin(user, mine)
    await streaks.leave(user, mine.id)
    left = replace(
        stored, revision=stored.revision + 3, intents=(other,), meals_total=None, history=()
    )
    assert await streaks.get(user) == left


async def test_leaving_where_there_is_no_record_makes_none(streaks, user, build):
    await streaks.leave(user, build.id())
    assert await streaks.get(user) is None


async def test_a_record_is_removed_at_the_revision_that_was_read(streaks, record, intent, user):
    stored = await keep(streaks, user, intent, record)
    assert not await streaks.remove(user, stored.revision - 1)
    assert await streaks.remove(user, stored.revision)
    assert await streaks.get(user) is None
    assert not await streaks.remove(user, stored.revision)
    assert (await streaks.begin(user, intent())).revision == 1
