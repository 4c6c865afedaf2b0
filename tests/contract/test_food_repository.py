"""Imported rows of the composition table as they are stored and read."""

from dataclasses import replace

import pytest

from dietcare.domain.composition import Basis, FoodRow
from dietcare.domain.nutrients import Nutrients


@pytest.fixture
def foods(repositories):
    return repositories.foods


@pytest.fixture
def row(build):
    """Makes rows of this test alone: what others stored is in the same collection."""

    def make(**said):
        whole = {
            "code": f"T-{build.id()}",
            "name": "무조림",
            "per_100": Nutrients(779, 2.26, 446, 57),
            "source": "MFDS",
            "version": "2023-12-27",
        }
        return FoodRow(**{**whole, **said})

    return make


async def stored(foods, *rows):
    codes = {row.code for row in rows}
    return [each async for each in foods.all() if each.code in codes]


async def test_a_row_is_read_back_as_it_was(foods, row):
    everything = row(
        name_en="Braised radish",
        aliases=("무우조림", "무 조림"),
        category="조림",
        basis=Basis.MILLILITRES,
        energy_kcal=48.5,
        serving=150.0,
        before_salt=True,
    )
    nothing = row(per_100=Nutrients(sodium_mg=0))
    assert await foods.put([everything, nothing]) == 2
    assert await stored(foods, everything, nothing) == [everything, nothing]


async def test_rows_come_in_the_order_of_their_codes(foods, row):
    rows = [row() for _ in range(4)]
    await foods.put([rows[at] for at in (2, 0, 3, 1)])
    assert await stored(foods, *rows) == rows


async def test_a_row_replaces_the_one_with_its_code_whole(foods, row):
    first = row(aliases=("무우조림",), serving=150.0)
    await foods.put([first])
    newer = replace(first, aliases=(), serving=None, per_100=Nutrients(potassium_mg=9))
    assert await foods.put([newer, row()]) == 1
    assert await stored(foods, first) == [newer]


async def test_storing_the_same_again_changes_nothing(foods, row):
    rows = [row() for _ in range(3)]
    assert await foods.put(rows) == 3
    assert await foods.put(rows) == 0
    assert await stored(foods, *rows) == rows


async def test_of_two_rows_with_one_code_the_last_is_stored(foods, row):
    first = row()
    last = replace(first, name="무나물")
    assert await foods.put([first, last]) == 1
    assert await stored(foods, first) == [last]


async def test_nothing_is_stored_of_nothing(foods):
    assert await foods.put([]) == 0


async def test_more_rows_than_a_batch_holds(foods, row):
    rows = [row() for _ in range(1_203)]
    assert await foods.put(rows) == len(rows)
    assert await stored(foods, *rows) == rows


async def test_a_second_client_reads_what_the_first_has_stored(foods, another, row):
    one = row()
    await foods.put([one])
    assert await stored(another.repositories.foods, one) == [one]
