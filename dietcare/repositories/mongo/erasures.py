"""Erasures in `erasures`, each under the id of its user."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dietcare.domain.erasure import Erasure, Spared
from dietcare.domain.ids import UserId
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.identity import stored_instant
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import known, object_id
from dietcare.repositories.port import ErasureJournal

COLLECTION = "erasures"
NOT_SPARED = {"spared": 0}
# The second finds the entry that the first ran into; more are needed only while entries go.
BEGIN_TRIES = 3


class MongoErasureJournal(ErasureJournal):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        self._entries = collection

    async def begin(self, user_id: UserId, erasure: Erasure) -> Erasure:
        document, owner = _document(user_id, erasure), object_id(user_id)
        done = {"user_id": owner, "erased_at": {"$exists": True}}
        for _ in range(BEGIN_TRIES):
            try:
                await self._entries.replace_one(done, document, upsert=True)
            except DuplicateKeyError:
                found = await self.get(user_id)
                if found is not None and not found.is_done:
                    return found
            else:
                return _erasure_of(document)
        raise DatabaseQueryError

    async def get(self, user_id: UserId) -> Erasure | None:
        query = {"user_id": object_id(user_id)}
        found = await self._entries.find_one(query, projection=NOT_SPARED)
        return None if found is None else _erasure_of(found)

    async def count(
        self, user_id: UserId, erasure_id: str, counts: Mapping[str, int]
    ) -> Mapping[str, int]:
        uncounted = {**_query(user_id, erasure_id), "counts": {"$exists": False}}
        if await self._entries.update_one(uncounted, {"$set": {"counts": dict(counts)}}):
            return counts
        found = await self._entries.find_one(_query(user_id, erasure_id), projection=NOT_SPARED)
        return counts if found is None else found["counts"]

    async def end(self, user_id: UserId, erasure_id: str, at: datetime) -> None:
        going_on = {**_query(user_id, erasure_id), "erased_at": {"$exists": False}}
        await self._entries.update_one(going_on, {"$set": {"erased_at": stored_instant(at)}})

    async def spare(self, user_id: UserId, erasure_id: str, record_id: str) -> bool:
        update = {"$addToSet": {"spared": object_id(record_id)}}
        return await self._entries.update_one(_query(user_id, erasure_id), update)

    async def spared(self, user_id: UserId) -> Spared | None:
        found = await self._entries.find_one({"user_id": object_id(user_id)})
        if found is None:
            return None
        ids = frozenset(str(each) for each in found["spared"])
        return Spared(ids, may_start="erased_at" in found)

    async def remove(self, user_id: UserId, erasure_id: str) -> None:
        await self._entries.find_one_and_delete(_query(user_id, erasure_id))

    async def everyone(self) -> Sequence[Erasure]:
        return [_erasure_of(each) for each in await self._entries.find({}, projection=NOT_SPARED)]


def _query(user_id: UserId, erasure_id: str) -> Document:
    return {"user_id": object_id(user_id), "erasure_id": str(erasure_id)}


def _document(user_id: UserId, erasure: Erasure) -> Document:
    owner = object_id(user_id)
    optional = {
        "erased_at": erasure.erased_at and stored_instant(erasure.erased_at),
        "counts": erasure.counts and dict(erasure.counts),
    }
    return {
        "_id": owner,
        "user_id": owner,
        "erasure_id": erasure.id,
        "owner": erasure.owner,
        "began_at": stored_instant(erasure.began_at),
        "spared": [],
        **known(optional),
    }


def _erasure_of(document: Mapping[str, Any]) -> Erasure:
    return Erasure(
        id=document["erasure_id"],
        user_id=UserId(str(document["user_id"])),
        owner=document["owner"],
        began_at=document["began_at"],
        erased_at=document.get("erased_at"),
        counts=document.get("counts"),
    )
