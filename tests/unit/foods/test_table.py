"""The table of a running service: built-in rows, and imported ones once the database answers."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from dietcare.domain.composition import Basis, FoodRow
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import DatabaseConnectionError
from dietcare.foods.builtin import builtin_index, builtin_rows
from dietcare.foods.table import merged, open_food_table
from dietcare.repositories.memory.foods import MemoryFoodRepository
from dietcare.repositories.port import FoodRepository

MUSHROOM_RICE = FoodRow(
    "D101-009000000-0001", "능이버섯밥", Nutrients(100, 3, 90, 40), "MFDS", "2023-12-27"
)


class Down(FoodRepository):
    """Does not answer the first two times."""

    asked = 0

    async def put(self, rows: Sequence[FoodRow]) -> int:
        raise NotImplementedError

    async def all(self) -> AsyncIterator[FoodRow]:
        self.asked += 1
        if self.asked < 3:
            raise DatabaseConnectionError
        yield MUSHROOM_RICE


async def test_without_imported_rows_it_is_the_built_in_table():
    async with open_food_table(MemoryFoodRepository()) as table:
        assert table.index is builtin_index()


async def test_imported_rows_stand_beside_the_built_in_ones():
    imported = MemoryFoodRepository()
    await imported.put([MUSHROOM_RICE])
    async with open_food_table(imported) as table:
        assert table.index.match("능이버섯밥").row == MUSHROOM_RICE
        assert table.index.match("김치찌개").row.name == "김치찌개"


async def test_a_database_that_is_down_is_asked_again_until_it_answers():
    down = Down()
    async with open_food_table(down, retry_s=0) as table:
        assert table.index.match("능이버섯밥") is None
        await table.loaded.wait()
        assert table.index.match("능이버섯밥").row == MUSHROOM_RICE
    assert down.asked == 3


async def test_a_database_that_stays_down_does_not_hold_up_the_end():
    async with open_food_table(Down(), retry_s=3_600) as table:
        assert table.index is builtin_index()


async def test_what_the_built_in_table_calls_a_row_is_not_an_imported_ones_name():
    imported = MemoryFoodRepository()
    await imported.put([replace(MUSHROOM_RICE, name="설렁탕")])
    async with open_food_table(imported) as table:
        assert table.index.match("설렁탕").row.before_salt


def test_an_imported_row_with_a_built_in_code_brings_its_figures_up_to_date():
    ours = next(row for row in builtin_rows() if row.name == "설렁탕(소금 넣기 전)")
    newer = FoodRow(ours.code, "설렁탕", Nutrients(30, 5, 20, 20), "MFDS", "2026-01-01")

    rows, others = merged(builtin_rows(), [newer])
    (found,) = [row for row in rows if row.code == ours.code]
    assert list(others) == []

    assert (found.per_100, found.version) == (newer.per_100, "2026-01-01")
    assert (found.name, found.aliases, found.before_salt) == (ours.name, ours.aliases, True)
    assert found.serving == ours.serving


def test_newer_figures_that_look_low_ask_for_the_salt_though_ours_do_not():
    ours = replace(MUSHROOM_RICE, before_salt=False)
    (found,) = merged([ours], [replace(ours, before_salt=True)])[0]
    assert found.before_salt


def test_a_serving_in_the_unit_of_other_figures_does_not_stay():
    ours = replace(MUSHROOM_RICE, serving=300)
    newer = replace(ours, serving=None, basis=Basis.MILLILITRES)
    (found,) = merged([ours], [newer])[0]
    assert (found.basis, found.serving) == (Basis.MILLILITRES, None)


@pytest.mark.parametrize("order", [1, -1])
def test_of_imported_rows_with_one_name_the_saltiest_counts(order):
    rows = [
        replace(MUSHROOM_RICE, code=f"D{sodium}", per_100=Nutrients(sodium_mg=sodium))
        for sodium in (100, 300, None, 200)
    ][::order]
    _, others = merged((), rows)
    assert others[0].per_100.sodium_mg == 300
