"""A collection with just the operations that the repositories need, the same over both drivers."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

from bson import ObjectId
from pymongo import ReplaceOne
from pymongo.read_concern import ReadConcern

from dietcare.errors import DatabaseConnectionError
from dietcare.repositories.port import Spare, nothing

Document = dict[str, Any]
Query = Mapping[str, Any]
Sort = Sequence[tuple[str, int]]

Guard = Callable[[], AbstractAsyncContextManager[None]]
"""Opens a block around calls of the driver that raises our errors only, and ends in time."""

BATCH = 50
"""Of a stream. Between two, all other calls have their turn: the work on 500 takes a tenth of a
second, and more round trips cost little.
"""
ERASE_BATCH = 1_000


class DuplicateKeyError(Exception):
    """A unique index has the key already. Never leaves the repositories."""


class Collection:
    """Raises DatabaseConnectionError, DatabaseQueryError and DuplicateKeyError, nothing else.

    `guarded` is what surrounds an operation, `patient` what surrounds one that may take long.
    """

    def __init__(self, raw: Any, *, guarded: Guard, patient: Guard) -> None:
        self._raw = raw
        self._guarded = guarded
        self._patient = patient

    async def insert_one(self, document: Document) -> None:
        """Insert; raises DuplicateKeyError."""
        async with self._guarded():
            await self._raw.insert_one(document)

    async def find_one(
        self,
        query: Query,
        *,
        sort: Sort | None = None,
        projection: Mapping[str, int] | None = None,
    ) -> Document | None:
        """The first document in the order of `sort`."""
        async with self._guarded():
            found: Document | None = await self._raw.find_one(query, projection, sort=sort)
        return found

    async def find(
        self,
        query: Query,
        *,
        sort: Sort | None = None,
        skip: int = 0,
        limit: int = 0,
        projection: Mapping[str, int] | None = None,
        hint: Sort | None = None,
    ) -> list[Document]:
        """All documents; a `limit` of 0 is none. `hint` names the index to use by its keys."""
        async with self._guarded():
            cursor = self._raw.find(query, projection, sort=sort, skip=skip, limit=limit, hint=hint)
            found: list[Document] = await cursor.to_list(None)
        return found

    async def stream(
        self, query: Query, *, sort: Sort, hint: Sort | None = None
    ) -> AsyncGenerator[Document, None]:
        """All documents one by one, a batch of them in memory; close it when you stop early.

        They are as they were when the first was read, whatever is written meanwhile. The server
        remembers that for five minutes (`minSnapshotHistoryWindowInSeconds`): who takes longer gets
        a DatabaseConnectionError.
        """
        snapshot = self._raw.with_options(read_concern=ReadConcern("snapshot"))
        cursor = snapshot.find(query, sort=sort, hint=hint, batch_size=BATCH)
        batch: list[Document] = [{}] * BATCH
        try:
            while len(batch) == BATCH:
                batch = await self._next_of(cursor)
                for document in batch:
                    yield document
        except (GeneratorExit, asyncio.CancelledError):
            # Read to its end, or failed, it is closed already; and lost with a server that is gone.
            with suppress(DatabaseConnectionError):
                async with self._guarded():
                    await cursor.close()
            raise

    async def _next_of(self, cursor: Any) -> list[Document]:
        """The next batch. Who is cancelled waits for it: before the first one nobody knows which
        cursor to close, and a thread of Motor reads on whether or not it is waited for.
        """

        async def read() -> list[Document]:
            async with self._guarded():
                found: list[Document] = await cursor.to_list(BATCH)
            return found

        reading = asyncio.ensure_future(read())
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            await asyncio.gather(reading, return_exceptions=True)
            raise

    async def replace_one(self, query: Query, document: Document, *, upsert: bool = False) -> bool:
        """Whether there was a document to replace; an upsert may raise DuplicateKeyError."""
        async with self._guarded():
            result = await self._raw.replace_one(query, document, upsert=upsert)
        return bool(result.matched_count)

    async def replace_many(self, documents: Sequence[Document], *, by: str) -> int:
        """Replace those with the same `by`, insert the others, and say how many those were.

        May raise DuplicateKeyError where another one inserts the same at once.
        """
        replacements = [ReplaceOne({by: each[by]}, each, upsert=True) for each in documents]
        async with self._guarded():
            result = await self._raw.bulk_write(replacements, ordered=False)
        return int(result.upserted_count)

    async def update_one(self, query: Query, update: Query) -> bool:
        """Whether there was a document to update."""
        async with self._guarded():
            result = await self._raw.update_one(query, update)
        return bool(result.matched_count)

    async def find_one_and_update(
        self,
        query: Query,
        update: Query | Sequence[Query],
        *,
        sort: Sort | None = None,
        upsert: bool = False,
        projection: Mapping[str, int] | None = None,
        after: bool = False,
    ) -> Document | None:
        """Update the first document in the order of `sort` and return what it was before.

        With `after`, what it is now. An upsert may raise DuplicateKeyError.
        """
        async with self._guarded():
            found: Document | None = await self._raw.find_one_and_update(
                query,
                update,
                projection,
                sort=sort,
                upsert=upsert,
                return_document=after,
            )
        return found

    async def find_one_and_delete(self, query: Query) -> Document | None:
        """Delete a document and return it."""
        async with self._guarded():
            found: Document | None = await self._raw.find_one_and_delete(query)
        return found

    async def erase(self, query: Query, *, by: str = "_id", spare: Spare = nothing) -> int:
        """Delete all documents but those whose `by` is spared.

        So many at a time that each step keeps within the timeout; `spare` is asked in each.
        """
        erased, passed = 0, frozenset[str]()
        found: list[Document] = [{}] * ERASE_BATCH
        while len(found) == ERASE_BATCH:
            rest = {**query, by: {"$nin": [ObjectId(each) for each in passed]}} if passed else query
            found = await self.find(rest, projection={by: 1}, limit=ERASE_BATCH)
            if not found:
                break
            spared = await spare()
            if spared is None:
                break
            passed |= spared.ids
            ids = [each["_id"] for each in found if str(each[by]) not in spared.ids]
            async with self._guarded():
                result = await self._raw.delete_many({**query, "_id": {"$in": ids}})
            erased += result.deleted_count
        return erased

    async def count_documents(self, query: Query) -> int:
        """How many documents match."""
        async with self._guarded():
            return int(await self._raw.count_documents(query))

    async def distinct(self, field: str, query: Query) -> list[Any]:
        """The distinct values of `field`."""
        async with self._guarded():
            return list(await self._raw.distinct(field, query))

    async def aggregate(
        self, pipeline: Sequence[Query], *, hint: Sort | None = None
    ) -> list[Document]:
        """All results of the pipeline; `hint` names the index to use by its keys."""
        options = {} if hint is None else {"hint": dict(hint)}
        async with self._guarded():
            cursor = self._raw.aggregate(pipeline, **options)
            if inspect.isawaitable(cursor):  # PyMongo's; Motor returns the cursor itself
                cursor = await cursor
            found: list[Document] = await cursor.to_list(None)
        return found

    async def require(self, schema: Query) -> None:
        """Have the server refuse every document that breaks a JSON schema; it exists already."""
        async with self._patient():
            validator = {"$jsonSchema": schema}
            await self._raw.database.command("collMod", self._raw.name, validator=validator)

    async def create_index(self, keys: Sort, **options: Any) -> None:
        """Create the index if it is missing, however long that takes."""
        async with self._patient():
            await self._raw.create_index(keys, **options)
