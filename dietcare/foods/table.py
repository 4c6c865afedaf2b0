"""The table that a running service looks foods up in: the built-in rows and the imported ones.

It is loaded once, when the service starts: an import counts for the processes that start after it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from dietcare.domain.composition import FoodRow
from dietcare.errors import DatabaseError
from dietcare.foods.builtin import builtin_index, builtin_rows
from dietcare.foods.index import FoodIndex
from dietcare.repositories.port import FoodRepository

RETRY_S = 10.0

logger = logging.getLogger(__name__)


class FoodTable:
    """Has the built-in rows until `load` has added the imported ones to `index`: then, `loaded`."""

    def __init__(self, imported: FoodRepository) -> None:
        self._imported = imported
        self.index = builtin_index()
        self.loaded = asyncio.Event()

    async def load(self) -> None:
        """Add the imported rows.

        Raises:
            DatabaseError: they could not be read.
        """
        rows = [row async for row in self._imported.all()]
        if rows:
            # In a thread: 20,000 rows take two seconds.
            self.index = await asyncio.to_thread(FoodIndex, *merged(builtin_rows(), rows))
        self.loaded.set()

    async def load_at_last(self, retry_s: float) -> None:
        """Load as soon as the database answers, asked every `retry_s` seconds."""
        while True:
            logger.warning("the imported foods can not be read yet: only built-in ones are known")
            await asyncio.sleep(retry_s)
            with suppress(DatabaseError):
                return await self.load()


@asynccontextmanager
async def open_food_table(
    imported: FoodRepository, retry_s: float = RETRY_S
) -> AsyncIterator[FoodTable]:
    """A loaded table; where the database does not answer now, one that is loaded once it does."""
    table = FoodTable(imported)
    loading: asyncio.Task[None] | None = None
    try:
        await table.load()
    except DatabaseError:
        loading = asyncio.create_task(table.load_at_last(retry_s))
    try:
        yield table
    finally:
        if loading is not None:
            loading.cancel()
            with suppress(asyncio.CancelledError):
                await loading


def merged(
    builtin: Sequence[FoodRow], imported: Sequence[FoodRow]
) -> tuple[Sequence[FoodRow], Sequence[FoodRow]]:
    """The built-in rows, whose names come first, and those beside them.

    An imported row with the code of a built-in one brings its figures up to date; the names stay,
    and that its salt is missing, where either says so. Of imported rows with the same name the
    saltiest counts, as it does among the built-in ones.
    """
    by_code = {row.code: row for row in imported}
    ours = [_up_to_date(row, by_code.pop(row.code, None)) for row in builtin]
    return ours, sorted(by_code.values(), key=lambda row: -(row.per_100.sodium_mg or 0))


def _up_to_date(row: FoodRow, newer: FoodRow | None) -> FoodRow:
    if newer is None:
        return row
    return replace(
        newer,
        name=row.name,
        name_en=row.name_en,
        aliases=row.aliases,
        category=row.category,
        before_salt=row.before_salt or newer.before_salt,
        serving=newer.serving or (row.serving if row.basis is newer.basis else None),
    )
