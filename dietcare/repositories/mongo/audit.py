"""The audit log in `audit_log`, whose validator refuses whatever the log has no field for."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from dietcare.domain.audit import AuditEntry, Outcome
from dietcare.domain.ids import UserId
from dietcare.repositories.identity import stored_instant
from dietcare.repositories.mongo.collection import Collection, Document
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.port import AuditLog

COLLECTION = "audit_log"
# The driver's ids count up within a process: they tell entries of one millisecond apart.
OLDEST_FIRST = (("at", 1), ("_id", 1))


class MongoAuditLog(AuditLog):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        self._entries = collection

    async def append(self, user_id: UserId, entry: AuditEntry) -> None:
        await self._entries.insert_one(_document(user_id, entry))

    async def all(self, user_id: UserId) -> AsyncIterator[AuditEntry]:
        query = {"user_id": object_id(user_id)}
        async with aclosing(self._entries.stream(query, sort=OLDEST_FIRST)) as documents:
            async for document in documents:
                yield _entry_of(document)


def _document(user_id: UserId, entry: AuditEntry) -> Document:
    return {
        "user_id": object_id(user_id),
        "subject": entry.subject,
        "action": entry.action,
        "request_id": entry.request_id,
        "outcome": entry.outcome.value,
        "at": stored_instant(entry.at),
    }


def _entry_of(document: Document) -> AuditEntry:
    return AuditEntry(
        user_id=UserId(str(document["user_id"])),
        subject=document["subject"],
        action=document["action"],
        request_id=document["request_id"],
        outcome=Outcome(document["outcome"]),
        at=document["at"],
    )
