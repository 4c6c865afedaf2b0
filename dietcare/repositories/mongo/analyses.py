"""Analyses in `nutrition_analyses`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from dietcare.domain.analysis import Analysis
from dietcare.domain.ids import AnalysisId, SessionId, UserId
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import (
    food_document,
    food_of,
    known,
    nutrients_document,
    object_id,
)
from dietcare.repositories.mongo.held import MongoHeld
from dietcare.repositories.port import AnalysisRepository

COLLECTION = "nutrition_analyses"
OLDEST_FIRST = (("created_at", 1),)
BY_TIME = (("user_id", 1), ("created_at", -1))


class MongoAnalysisRepository(MongoHeld, AnalysisRepository):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection)
        self._analyses = collection

    async def insert(self, user_id: UserId, analysis: Analysis) -> None:
        try:
            await self._analyses.insert_one(_document(user_id, analysis))
        except DuplicateKeyError as error:
            raise DatabaseQueryError from error

    async def get(self, user_id: UserId, analysis_id: AnalysisId) -> Analysis | None:
        query = {"_id": object_id(analysis_id), "user_id": object_id(user_id)}
        found = await self._analyses.find_one(query)
        return None if found is None else _analysis_of(found)

    async def all(self, user_id: UserId) -> AsyncGenerator[Analysis, None]:
        query = {"user_id": object_id(user_id)}
        found = self._analyses.stream(query, sort=OLDEST_FIRST, hint=BY_TIME)
        async with aclosing(found) as documents:
            async for document in documents:
                yield _analysis_of(document)


def _document(user_id: UserId, analysis: Analysis) -> Document:
    return {
        "_id": object_id(analysis.id),
        "session_id": object_id(analysis.session_id),
        "user_id": object_id(user_id),
        "result": {
            "foods": [food_document(food) for food in analysis.foods],
            "total_nutrients": nutrients_document(analysis.total_nutrients),
        },
        "model": analysis.model,
        "prompt_version": analysis.prompt_version,
        "latency_ms": analysis.latency_ms,
        "tokens": analysis.tokens,
        "created_at": analysis.created_at,
        **known({"image_url": analysis.image_url}),
    }


def _analysis_of(document: Document) -> Analysis:
    return Analysis(
        id=AnalysisId(str(document["_id"])),
        user_id=UserId(str(document["user_id"])),
        session_id=SessionId(str(document["session_id"])),
        foods=tuple(food_of(food) for food in document["result"]["foods"]),
        model=document["model"],
        prompt_version=document["prompt_version"],
        latency_ms=document["latency_ms"],
        tokens=document["tokens"],
        created_at=document["created_at"],
        image_url=document.get("image_url"),
    )
