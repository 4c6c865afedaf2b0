"""Figures from the composition table."""

from collections.abc import Sequence

from dietcare.domain.composition import with_figures
from dietcare.domain.food import Food, normalised_name
from dietcare.foods.index import Found
from dietcare.foods.table import FoodTable


class FoodService:
    """Searches the table for people, and takes figures from it for what a model has named."""

    def __init__(self, table: FoodTable) -> None:
        self._table = table

    def search(self, query: str, limit: int) -> Sequence[Found]:
        """At most `limit` rows whose names are near `query`, best first."""
        return self._table.index.search(query, limit)

    def with_figures(self, food: Food) -> Food:
        """The food with the table's figures for its portion; as it is where no row is its own."""
        found = self._table.index.match(food.name)
        return food if found is None else with_figures(food, found.row)

    def identity(self, name: str) -> str:
        """What a name stands for: a row's code, or else the name itself."""
        found = self._table.index.match(name)
        return normalised_name(name) if found is None else found.row.code
