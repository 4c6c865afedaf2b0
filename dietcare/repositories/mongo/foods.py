"""Imported rows of the composition table in `foods`, found by their codes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

from dietcare.domain.composition import Basis, FoodRow
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import known, nutrients_document, nutrients_of
from dietcare.repositories.port import FoodRepository

COLLECTION = "foods"
CODE = "food_code"
BATCH = 500  # as many as are written in well under the timeout of an operation


class MongoFoodRepository(FoodRepository):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        self._foods = collection

    async def put(self, rows: Sequence[FoodRow]) -> int:
        documents = [_document(row) for row in {row.code: row for row in rows}.values()]
        new = 0
        for start in range(0, len(documents), BATCH):
            new += await self._replace(documents[start : start + BATCH])
        return new

    async def _replace(self, documents: Sequence[Document]) -> int:
        try:
            return await self._foods.replace_many(documents, by=CODE)
        except DuplicateKeyError as error:  # two imports at once
            raise DatabaseQueryError from error

    async def all(self) -> AsyncIterator[FoodRow]:
        async with aclosing(self._foods.stream({}, sort=((CODE, 1),))) as documents:
            async for document in documents:
                yield _row_of(document)


def _document(row: FoodRow) -> Document:
    return {
        CODE: row.code,
        "name": row.name,
        "aliases": list(row.aliases),
        "category": row.category,
        "basis": row.basis.value,
        "per_100": nutrients_document(row.per_100),
        "before_salt": row.before_salt,
        "source": row.source,
        "source_version": row.version,
        **known(
            {
                "name_en": row.name_en or None,
                "energy_kcal": row.energy_kcal,
                "serving": row.serving,
            }
        ),
    }


def _row_of(document: Document) -> FoodRow:
    return FoodRow(
        code=document[CODE],
        name=document["name"],
        name_en=document.get("name_en", ""),
        aliases=tuple(document["aliases"]),
        category=document["category"],
        basis=Basis(document["basis"]),
        per_100=nutrients_of(document["per_100"]),
        energy_kcal=document.get("energy_kcal"),
        serving=document.get("serving"),
        before_salt=document["before_salt"],
        source=document["source"],
        version=document["source_version"],
    )
