"""Analysis sessions: an hour from the first analysis, ten analyses in it."""

import asyncio

import pytest

from dietcare.errors import AnalysisLimitExceededError, SessionNotFoundError


async def test_a_session_opens_at_the_first_analysis_and_closes_an_hour_later(
    services, user, clock, build
):
    session = await services.sessions.take(user)

    assert session.analysis_count == 1
    assert session.expires_at == build.instant("2025-11-27T04:00:00Z")
    clock.set("2025-11-27T03:59:59.999Z")
    assert (await services.sessions.take(user)).id == session.id
    clock.set("2025-11-27T04:00:00Z")
    assert (await services.sessions.take(user)).id != session.id


async def test_no_session_is_open_before_the_first_analysis(services, user, build):
    with pytest.raises(SessionNotFoundError):
        await services.sessions.current(user)

    status = await services.sessions.status(user)
    assert (status.limit, status.remaining) == (10, 10)
    assert status.reset_at == build.instant("2025-11-27T04:00:00Z")


async def test_a_session_counts_exactly_ten_analyses_under_any_concurrency(services, user, other):
    answers = await asyncio.gather(
        *(services.sessions.take(user) for _ in range(100)), return_exceptions=True
    )

    taken = [each for each in answers if not isinstance(each, BaseException)]
    refused = [each for each in answers if isinstance(each, AnalysisLimitExceededError)]
    assert (len(taken), len(refused)) == (10, 90)
    assert len({session.id for session in taken}) == 1
    assert (await services.sessions.take(other)).analysis_count == 1


async def test_a_full_session_says_when_it_closes(services, user, clock, build):
    for _ in range(10):
        await services.sessions.take(user)
    clock.advance(minutes=30)

    with pytest.raises(AnalysisLimitExceededError) as caught:
        await services.sessions.take(user)

    assert caught.value.limit == 10
    assert caught.value.reset_at == build.instant("2025-11-27T04:00:00Z")
    assert caught.value.retry_after_s == 1800
    status = await services.sessions.status(user)
    assert (status.remaining, status.reset_at) == (0, caught.value.reset_at)


async def test_an_analysis_given_back_can_be_taken_again(services, user):
    sessions = [await services.sessions.take(user) for _ in range(10)]

    await services.sessions.give_back(user, sessions[0].id)

    assert (await services.sessions.status(user)).remaining == 1
    assert (await services.sessions.take(user)).analysis_count == 10
    assert (await services.sessions.status(user)).remaining == 0


async def test_giving_back_more_than_was_taken_makes_no_credit(services, user):
    session = await services.sessions.take(user)
    for _ in range(3):
        await services.sessions.give_back(user, session.id)

    assert (await services.sessions.status(user)).remaining == 10


async def test_what_is_given_back_after_the_hour_is_no_credit_of_the_next(services, user, clock):
    old = await services.sessions.take(user)
    clock.advance(hours=1)
    await services.sessions.take(user)

    await services.sessions.give_back(user, old.id)

    assert (await services.sessions.status(user)).remaining == 9
