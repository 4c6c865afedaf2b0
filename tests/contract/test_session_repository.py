"""Analysis sessions: at most one open, at most so many analyses, whatever is concurrent."""

import asyncio
from datetime import timedelta

import pytest

UNITS = 10
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def sessions(repositories):
    return repositories.sessions


async def take_all(build, user, takers, units=UNITS):
    """One take by each of (repository, instant), all at once."""
    return await asyncio.gather(
        *(taker.take(user, build.session(user, at=at), units) for taker, at in takers)
    )


def counts(results):
    """The sessions that were granted, and the counts in each."""
    granted = {}
    for session in filter(None, results):
        granted.setdefault(session.id, []).append(session.analysis_count)
    return {session_id: sorted(found) for session_id, found in granted.items()}


async def test_without_a_session_none_is_open(sessions, build, user):
    assert await sessions.current(user, build.at) is None


async def test_the_first_take_opens_the_session_and_counts_one(sessions, build, user):
    fresh = build.session(user)
    taken = await sessions.take(user, fresh, UNITS)
    assert (taken.id, taken.created_at, taken.expires_at) == (
        fresh.id,
        fresh.created_at,
        fresh.expires_at,
    )
    assert taken.analysis_count == 1
    assert await sessions.current(user, build.at) == taken


async def test_later_takes_count_in_the_open_session(sessions, build, user):
    first = await sessions.take(user, build.session(user), UNITS)
    later = build.at + timedelta(minutes=59)
    second = await sessions.take(user, build.session(user, at=later), UNITS)
    assert (second.id, second.analysis_count) == (first.id, 2)
    assert second.expires_at == first.expires_at


async def test_a_full_session_gives_none_and_counts_nothing(sessions, build, user):
    for _ in range(3):
        await sessions.take(user, build.session(user), 3)
    assert await sessions.take(user, build.session(user), 3) is None
    assert (await sessions.current(user, build.at)).analysis_count == 3


async def test_a_session_closes_at_the_instant_it_expires(sessions, build, user):
    session = await sessions.take(user, build.session(user), UNITS)
    assert await sessions.current(user, session.expires_at - MILLISECOND) == session
    assert await sessions.current(user, session.expires_at) is None


async def test_after_a_full_session_has_expired_the_next_take_opens_another(sessions, build, user):
    full = [await sessions.take(user, build.session(user), 2) for _ in range(2)][-1]
    fresh = build.session(user, at=full.expires_at)
    taken = await sessions.take(user, fresh, 2)
    assert (taken.id, taken.analysis_count) == (fresh.id, 1)
    assert await sessions.current(user, full.expires_at) == taken


async def test_with_no_units_nothing_is_opened(sessions, build, user):
    assert await sessions.take(user, build.session(user), 0) is None
    assert await sessions.current(user, build.at) is None


async def test_lowering_the_units_below_the_count_refuses_and_keeps_the_count(
    sessions, build, user
):
    for _ in range(5):
        await sessions.take(user, build.session(user), 10)
    assert await sessions.take(user, build.session(user), 3) is None
    assert (await sessions.current(user, build.at)).analysis_count == 5


async def test_what_is_given_back_can_be_taken_again(sessions, build, user):
    session = [await sessions.take(user, build.session(user), 2) for _ in range(2)][-1]
    await sessions.give_back(user, session.id)
    assert (await sessions.current(user, build.at)).analysis_count == 1
    assert (await sessions.take(user, build.session(user), 2)).analysis_count == 2


async def test_giving_back_never_goes_below_zero(sessions, build, user):
    session = await sessions.take(user, build.session(user), UNITS)
    await asyncio.gather(*(sessions.give_back(user, session.id) for _ in range(5)))
    assert (await sessions.current(user, build.at)).analysis_count == 0


async def test_giving_back_to_a_session_that_is_gone_does_nothing(sessions, build, user):
    await sessions.give_back(user, build.id())
    assert await sessions.current(user, build.at) is None


async def test_a_session_that_gave_everything_back_is_still_the_open_one(sessions, build, user):
    session = await sessions.take(user, build.session(user), UNITS)
    await sessions.give_back(user, session.id)
    assert (await sessions.take(user, build.session(user), UNITS)).id == session.id


async def test_of_200_takes_at_once_exactly_as_many_as_there_are_units_are_granted(
    sessions, build, user
):
    results = await take_all(build, user, [(sessions, build.at)] * 200)
    assert list(counts(results).values()) == [list(range(1, UNITS + 1))]


async def test_of_200_takes_by_two_clients_exactly_as_many_as_there_are_units_are_granted(
    sessions, another, build, user
):
    takers = [(sessions, build.at), (another.repositories.sessions, build.at)] * 100
    results = await take_all(build, user, takers)
    assert list(counts(results).values()) == [list(range(1, UNITS + 1))]


async def test_takes_at_the_instant_of_expiry_open_exactly_one_session(sessions, build, user):
    old = await sessions.take(user, build.session(user), UNITS)
    results = await take_all(build, user, [(sessions, old.expires_at)] * 100)
    granted = counts(results)
    assert list(granted.values()) == [list(range(1, UNITS + 1))]
    assert old.id not in granted


async def test_takes_just_before_and_just_after_expiry_each_fill_their_own_session(
    sessions, another, build, user
):
    old = await sessions.take(user, build.session(user), UNITS)
    before, after = old.expires_at - MILLISECOND, old.expires_at
    clients = (sessions, another.repositories.sessions)
    takers = [(client, at) for at in (before, after) for client in clients] * 50
    granted = counts(await take_all(build, user, takers))
    assert len(granted) == 2
    assert granted.pop(old.id) == list(range(2, UNITS + 1))
    assert list(granted.values()) == [list(range(1, UNITS + 1))]


async def test_takes_and_returns_at_once_never_exceed_the_units(sessions, build, user):
    async def take_and_give_back():
        taken = await sessions.take(user, build.session(user), 3)
        if taken is not None:
            assert 1 <= taken.analysis_count <= 3
            await sessions.give_back(user, taken.id)
        return taken

    results = await asyncio.gather(*(take_and_give_back() for _ in range(60)))
    assert len(counts(results)) == 1
    assert (await sessions.current(user, build.at)).analysis_count == 0


async def test_a_clock_that_lags_joins_the_session_that_another_has_opened(sessions, build, user):
    ahead = await sessions.take(user, build.session(user, at=build.at + MILLISECOND), UNITS)
    lagging = await sessions.take(user, build.session(user), UNITS)
    assert (lagging.id, lagging.analysis_count) == (ahead.id, 2)


async def test_erasing_deletes_every_closed_session_and_says_how_many(sessions, build, user):
    opened = [build.at + timedelta(hours=hours) for hours in range(3)]
    for at in opened:
        await sessions.take(user, build.session(user, at=at), UNITS)
    assert await sessions.count(user, opened[2]) == await sessions.erase(user, opened[2]) == 2
    assert (await sessions.current(user, opened[2])).analysis_count == 1
    assert await sessions.current(user, build.at) == await sessions.current(user, opened[2])
    assert await sessions.count(user, opened[2]) == await sessions.erase(user, opened[2]) == 0


async def test_an_erased_user_goes_on_with_the_open_session(sessions, build, user):
    await sessions.take(user, build.session(user), UNITS)
    await sessions.erase(user, build.at)
    assert (await sessions.take(user, build.session(user), UNITS)).analysis_count == 2
