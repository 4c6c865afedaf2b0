"""Idempotency keys in `idempotency_keys`.

Each step is one atomic write that names the owner whose record it expects: who was taken for dead
and is not can neither answer nor remove what another one holds now.
"""

from bson import Binary

from dietcare.domain.idempotency import Answer, IdempotencyRecord
from dietcare.domain.ids import UserId
from dietcare.repositories.identity import stored_instant
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import known, object_id
from dietcare.repositories.mongo.held import MongoHeld
from dietcare.repositories.port import IdempotencyRepository

COLLECTION = "idempotency_keys"


class MongoIdempotencyRepository(MongoHeld, IdempotencyRepository):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        super().__init__(collection, by="result_id")
        self._keys = collection

    async def insert(self, user_id: UserId, record: IdempotencyRecord) -> bool:
        try:
            await self._keys.insert_one(_document(user_id, record))
        except DuplicateKeyError:
            return False
        return True

    async def get(self, user_id: UserId, rpc: str, key: str) -> IdempotencyRecord | None:
        found = await self._keys.find_one(_query(user_id, rpc, key))
        return None if found is None else _record_of(found)

    async def put(self, user_id: UserId, record: IdempotencyRecord, *, over: str) -> bool:
        changed = {
            "owner": record.owner,
            "leased_until": stored_instant(record.leased_until),
            **known({"answer": record.answer and _answer_document(record.answer)}),
        }
        query = {
            **_query(user_id, record.rpc, record.key),
            "owner": str(over),
            "answer": {"$exists": False},
        }
        return await self._keys.update_one(query, {"$set": changed})

    async def remove(self, user_id: UserId, record: IdempotencyRecord) -> bool:
        query = {**_query(user_id, record.rpc, record.key), "owner": str(record.owner)}
        return await self._keys.find_one_and_delete(query) is not None

    async def note_deleted(self, user_id: UserId, rpc: str, result_id: str) -> None:
        query = {
            "user_id": object_id(user_id),
            "rpc": str(rpc),
            "result_id": object_id(result_id),
            "answer": {"$exists": False},
        }
        await self._keys.update_one(query, {"$set": {"is_deleted": True}})


def _query(user_id: UserId, rpc: str, key: str) -> Document:
    return {"user_id": object_id(user_id), "rpc": str(rpc), "key": str(key)}


def _document(user_id: UserId, record: IdempotencyRecord) -> Document:
    return {
        **_query(user_id, record.rpc, record.key),
        "fingerprint": Binary(record.fingerprint),
        "result_id": object_id(record.result_id),
        "owner": record.owner,
        "leased_until": stored_instant(record.leased_until),
        "created_at": stored_instant(record.created_at),
        "expires_at": stored_instant(record.expires_at),
        "is_deleted": record.is_deleted,
        **known({"answer": record.answer and _answer_document(record.answer)}),
    }


def _answer_document(answer: Answer) -> Document:
    return {"body": Binary(answer.body), "headers": [list(pair) for pair in answer.headers]}


def _record_of(document: Document) -> IdempotencyRecord:
    answer = document.get("answer")
    return IdempotencyRecord(
        rpc=document["rpc"],
        key=document["key"],
        fingerprint=bytes(document["fingerprint"]),
        result_id=str(document["result_id"]),
        owner=document["owner"],
        leased_until=document["leased_until"],
        created_at=document["created_at"],
        expires_at=document["expires_at"],
        answer=None if answer is None else _answer_of(answer),
        is_deleted=document["is_deleted"],
    )


def _answer_of(document: Document) -> Answer:
    headers = tuple((name, value) for name, value in document["headers"])
    return Answer(bytes(document["body"]), headers)
