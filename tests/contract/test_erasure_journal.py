"""Erasures as they are noted, and what they leave alone."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.domain.erasure import Erasure, Spared

COUNTS = {"meals": 3, "goals": 1}


@pytest.fixture
def erasures(repositories):
    return repositories.erasures


@pytest.fixture
def begun(build, user):
    return Erasure(build.id(), user, "a process", build.at)


async def test_an_erasure_is_read_back_as_it_is_noted_step_by_step(erasures, begun, build, user):
    assert await erasures.get(user) is None
    assert await erasures.begin(user, begun) == begun
    assert await erasures.count(user, begun.id, COUNTS) == COUNTS
    await erasures.end(user, begun.id, build.at)
    noted = replace(begun, counts=COUNTS, erased_at=build.at)
    assert await erasures.get(user.upper()) == noted
    assert noted in await erasures.everyone()
    await erasures.remove(user, begun.id)
    assert await erasures.get(user) is None


async def test_one_that_is_not_done_stays_and_one_that_is_done_gives_way(
    erasures, begun, build, user
):
    await erasures.begin(user, begun)
    another = replace(begun, id=build.id())
    assert await erasures.begin(user, another) == begun
    await erasures.end(user, begun.id, build.at)
    assert await erasures.begin(user, another) == another
    assert await erasures.get(user) == another


async def test_of_many_that_begin_at_once_all_get_the_same(erasures, begun, build, user):
    many = [replace(begun, id=build.id()) for _ in range(20)]
    got = await asyncio.gather(*(erasures.begin(user, each) for each in many))
    assert len({each.id for each in got}) == 1


async def test_the_first_counts_and_the_first_end_stay(erasures, begun, build, user):
    await erasures.begin(user, begun)
    await erasures.count(user, begun.id, COUNTS)
    assert await erasures.count(user, begun.id, {"meals": 0}) == COUNTS
    await erasures.end(user, begun.id, build.at)
    await erasures.end(user, begun.id, build.at + timedelta(hours=1))
    assert (await erasures.get(user)).erased_at == build.at


async def test_what_is_spared_is_of_one_erasure(erasures, begun, build, user):
    assert await erasures.spared(user) is None
    assert not await erasures.spare(user, begun.id, build.id())
    await erasures.begin(user, begun)
    meal = build.id()
    assert await erasures.spare(user, begun.id, meal.upper())
    assert await erasures.spared(user) == Spared(frozenset({meal}), may_start=False)
    await erasures.end(user, begun.id, build.at)
    assert await erasures.spared(user) == Spared(frozenset({meal}), may_start=True)
    again = replace(begun, id=build.id())
    await erasures.begin(user, again)
    assert await erasures.spared(user) == Spared()
    assert not await erasures.spare(user, begun.id, build.id())


async def test_another_erasure_is_neither_ended_nor_removed(erasures, begun, build, user, other):
    await erasures.begin(user, begun)
    for whose, which in ((user, build.id()), (other, begun.id)):
        await erasures.end(whose, which, build.at)
        await erasures.remove(whose, which)
    assert await erasures.get(user) == begun


async def test_what_is_spared_is_never_erased_and_the_rest_is(repositories, build, user):
    kept, gone = [[build.meal(user) for _ in range(3)] for _ in range(2)]
    for meal in (*kept, *gone):
        await repositories.meals.insert(user, meal)

    async def spare():
        return Spared(frozenset(meal.id for meal in kept))

    assert await repositories.meals.erase(user, spare) == 3
    assert [meal async for meal in repositories.meals.all(user)] == kept


async def test_whoever_is_told_to_stop_erases_nothing(repositories, build, user):
    meal = build.meal(user)
    await repositories.meals.insert(user, meal)

    async def stop():
        return None

    assert await repositories.meals.erase(user, stop) == 0
    assert await repositories.meals.count(user) == 1
