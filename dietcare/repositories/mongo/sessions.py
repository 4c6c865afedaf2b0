"""Analysis sessions in `diet_sessions`.

Whether a session is open is a question of time, which no unique index can ask. So a session also
holds the user's only slot: the field `slot` under a unique partial index on `user_id`. Who wants
to open a session takes the slot by inserting; where it is held by a session that has expired by
now, the slot is taken from that one first. Each step is atomic, and repeating it changes nothing.
"""

from datetime import datetime

from dietcare.domain.ids import SessionId, UserId
from dietcare.domain.session import Session
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.identity import stored_instant
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.port import SessionRepository

COLLECTION = "diet_sessions"
SLOT = "slot"
# Where clocks differ, a session may have been opened ahead of this one's time: the older counts.
OLDEST_FIRST = (("expires_at", 1),)
# Two settle any race between takes; more are needed only while sessions are being erased.
ATTEMPTS = 5


class MongoSessionRepository(SessionRepository):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        self._sessions = collection

    async def current(self, user_id: UserId, now: datetime) -> Session | None:
        found = await self._sessions.find_one(_open(user_id, now), sort=OLDEST_FIRST)
        return None if found is None else _session_of(found, found["analysis_count"])

    async def take(self, user_id: UserId, fresh: Session, units: int) -> Session | None:
        if units < 1:
            return None
        for _ in range(ATTEMPTS):
            before = await self._count(user_id, fresh.created_at, units)
            if before is not None:
                count = before["analysis_count"]
                return _session_of(before, count + 1) if count < units else None
            opened = _document(user_id, fresh)
            try:
                await self._sessions.insert_one(opened)
            except DuplicateKeyError:
                await self._free_slot(user_id, fresh.created_at)
            else:
                return _session_of(opened, opened["analysis_count"])
        raise DatabaseQueryError

    async def _count(self, user_id: UserId, now: datetime, units: int) -> Document | None:
        """Count one more in the open session unless it is full; the session as it was before."""
        count = "$analysis_count"
        left = {"$lt": [count, int(units)]}
        counted = {"$cond": [left, {"$add": [count, 1]}, count]}
        # Full or not, one atomic step answers: a read of its own might not see a session that
        # was just opened and is not yet on a majority.
        return await self._sessions.find_one_and_update(
            _open(user_id, now), [{"$set": {"analysis_count": counted}}], sort=OLDEST_FIRST
        )

    async def _free_slot(self, user_id: UserId, now: datetime) -> None:
        expired = {"user_id": object_id(user_id), SLOT: True, "expires_at": {"$lte": now}}
        await self._sessions.update_one(expired, {"$unset": {SLOT: ""}})

    async def give_back(self, user_id: UserId, session_id: SessionId) -> None:
        query = {
            "_id": object_id(session_id),
            "user_id": object_id(user_id),
            "analysis_count": {"$gt": 0},
        }
        await self._sessions.update_one(query, {"$inc": {"analysis_count": -1}})

    async def count(self, user_id: UserId, now: datetime) -> int:
        return await self._sessions.count_documents(_closed(user_id, now))

    async def erase(self, user_id: UserId, now: datetime) -> int:
        return await self._sessions.erase(_closed(user_id, now))


def _open(user_id: UserId, now: datetime) -> Document:
    return {"user_id": object_id(user_id), "expires_at": {"$gt": stored_instant(now)}}


def _closed(user_id: UserId, now: datetime) -> Document:
    return {"user_id": object_id(user_id), "expires_at": {"$lte": stored_instant(now)}}


def _document(user_id: UserId, fresh: Session) -> Document:
    return {
        "_id": object_id(fresh.id),
        "user_id": object_id(user_id),
        "created_at": stored_instant(fresh.created_at),
        "expires_at": stored_instant(fresh.expires_at),
        "analysis_count": 1,
        SLOT: True,
    }


def _session_of(document: Document, analysis_count: int) -> Session:
    return Session(
        id=SessionId(str(document["_id"])),
        user_id=UserId(str(document["user_id"])),
        created_at=document["created_at"],
        expires_at=document["expires_at"],
        analysis_count=analysis_count,
    )
