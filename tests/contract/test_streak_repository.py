"""The streak as it is stored: one record a user, replaced by revision."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.domain.streak import HISTORY_DAYS, StreakRecord, record_of


@pytest.fixture
def streaks(repositories):
    return repositories.streaks


@pytest.fixture
def record(build):
    days = [build.day - timedelta(back) for back in (0, 1, 2, 9)]
    return record_of(days, revision=1)


async def test_before_the_first_record_there_is_none(streaks, user):
    assert await streaks.get(user) is None


async def test_a_stored_record_is_read_back_as_it_was(streaks, record, user):
    assert await streaks.put(user, record) is True
    assert await streaks.get(user) == record


async def test_a_record_without_any_day_is_read_back(streaks, user):
    assert await streaks.put(user, StreakRecord(revision=1)) is True
    assert await streaks.get(user) == StreakRecord(revision=1)


async def test_the_next_revision_replaces_the_one_before(streaks, record, user):
    await streaks.put(user, record)
    after = StreakRecord(revision=2)
    assert await streaks.put(user, after) is True
    assert await streaks.get(user) == after


@pytest.mark.parametrize("revision", [1, 2, 4])
async def test_any_other_revision_is_refused_and_nothing_is_written(
    streaks, record, user, revision
):
    await streaks.put(user, record)
    await streaks.put(user, replace(record, revision=2))
    assert await streaks.put(user, StreakRecord(revision=revision)) is False
    assert await streaks.get(user) == replace(record, revision=2)


async def test_without_a_record_only_the_first_revision_is_accepted(streaks, record, user):
    assert await streaks.put(user, replace(record, revision=2)) is False
    assert await streaks.get(user) is None


@pytest.mark.parametrize("revision", [1, 2])
async def test_of_many_records_of_one_revision_exactly_one_is_stored(
    streaks, record, user, revision
):
    if revision == 2:
        await streaks.put(user, record)
    many = [StreakRecord(longest_streak=n, revision=revision) for n in range(20)]
    results = await asyncio.gather(*(streaks.put(user, each) for each in many))
    assert results.count(True) == 1
    assert await streaks.get(user) == many[results.index(True)]


async def test_the_history_keeps_its_newest_366_days(streaks, build, user):
    days = tuple(build.day - timedelta(back) for back in range(HISTORY_DAYS + 5))
    record = StreakRecord(371, 371, build.day, 371, days, 1)
    await streaks.put(user, record)
    stored = await streaks.get(user)
    assert stored.history == days[:HISTORY_DAYS]
    assert stored.total_days_logged == 371


async def test_erasing_deletes_the_record_and_counts_it(streaks, record, user):
    await streaks.put(user, record)
    assert await streaks.erase(user) == 1
    assert await streaks.get(user) is None
    assert await streaks.erase(user) == 0
    assert await streaks.put(user, record) is True
