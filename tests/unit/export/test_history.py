"""A history is whole and in order, wherever its meals are kept."""

from contextlib import aclosing

import pytest

from dietcare.export.history import whole


@pytest.fixture
def read(stream):
    async def read_both(meals, archived):
        return [meal async for meal in whole(stream(*meals), stream(*archived))]

    return read_both


@pytest.mark.parametrize("archived", ["", "0", "5", "012", "024", "345", "012345"])
async def test_archived_meals_stand_among_the_others(read, new_meal, archived):
    many = [new_meal(day=f"2025-11-0{day}") for day in (1, 2, 2, 2, 3, 4)]
    old = [many[int(each)] for each in archived]
    assert await read([meal for meal in many if meal not in old], old) == many


async def test_a_meal_on_its_way_to_the_archive_comes_once(read, new_meal):
    many = [new_meal(day=f"2025-11-0{day}") for day in (1, 2, 3)]
    assert await read(many, many[:2]) == many


async def test_who_leaves_closes_both(new_meal):
    closed = []

    async def endless(name):
        try:
            while True:
                yield new_meal()
        finally:
            closed.append(name)

    async with aclosing(whole(endless("meals"), endless("archive"))) as history:
        await anext(history)
    assert sorted(closed) == ["archive", "meals"]
