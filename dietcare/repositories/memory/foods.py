"""Imported rows of the composition table in this process."""

from collections.abc import AsyncIterator, Sequence

from dietcare.domain.composition import FoodRow
from dietcare.repositories.port import FoodRepository


class MemoryFoodRepository(FoodRepository):
    """See the port."""

    def __init__(self) -> None:
        self._by_code: dict[str, FoodRow] = {}

    async def put(self, rows: Sequence[FoodRow]) -> int:
        before = len(self._by_code)
        self._by_code.update((row.code, row) for row in rows)
        return len(self._by_code) - before

    async def all(self) -> AsyncIterator[FoodRow]:
        for code in sorted(self._by_code):
            yield self._by_code[code]
