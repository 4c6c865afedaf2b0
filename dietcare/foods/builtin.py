"""The project's own table: korean_foods.csv beside this file, which docs/foods.md describes."""

import csv
from functools import cache
from importlib import resources

from dietcare.domain.composition import Basis, FoodRow
from dietcare.domain.nutrients import Nutrients
from dietcare.foods.index import FoodIndex

FILE = "korean_foods.csv"


@cache
def builtin_rows() -> tuple[FoodRow, ...]:
    """The rows, in the order of their codes."""
    text = resources.files("dietcare.foods").joinpath(FILE).read_text(encoding="utf-8")
    return tuple(_row(record) for record in csv.DictReader(text.splitlines()))


@cache
def builtin_index() -> FoodIndex:
    """An index over these rows alone. It never changes, so there is only one."""
    return FoodIndex(builtin_rows())


def _row(record: dict[str, str]) -> FoodRow:
    return FoodRow(
        code=record["food_code"],
        name=record["name_ko"],
        name_en=record["name_en"],
        aliases=tuple(alias for alias in record["aliases"].split(";") if alias),
        category=record["category"],
        basis=Basis(record["basis"]),
        per_100=Nutrients.each(lambda nutrient: _amount(record[nutrient.value])),
        energy_kcal=_amount(record["energy_kcal"]),
        serving=_amount(record["serving"]),
        before_salt=record["before_salt"] == "yes",
        source=record["source"],
        version=record["version"],
    )


def _amount(cell: str) -> float | None:
    return float(cell) if cell else None
