"""Streaks in `user_streaks`."""

from datetime import date

from dietcare.domain.ids import UserId
from dietcare.domain.streak import HISTORY_DAYS, StreakRecord
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.port import StreakRepository

COLLECTION = "user_streaks"


class MongoStreakRepository(StreakRepository):
    """See the port. A user has one record, under the user's own id."""

    def __init__(self, collection: Collection) -> None:
        self._streaks = collection

    async def get(self, user_id: UserId) -> StreakRecord | None:
        found = await self._streaks.find_one({"user_id": object_id(user_id)})
        return None if found is None else _record_of(found)

    async def put(self, user_id: UserId, record: StreakRecord) -> bool:
        document = _document(user_id, record)
        if record.revision == 1:
            return await self._insert(document)
        query = {"user_id": document["user_id"], "revision": record.revision - 1}
        return await self._streaks.replace_one(query, document)

    async def _insert(self, document: Document) -> bool:
        try:
            await self._streaks.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def erase(self, user_id: UserId) -> int:
        return await self._streaks.erase({"user_id": object_id(user_id)})


def _document(user_id: UserId, record: StreakRecord) -> Document:
    newest = record.last_logged_date
    days = record.history[:HISTORY_DAYS]
    return {
        "_id": object_id(user_id),
        "user_id": object_id(user_id),
        "current_streak": record.last_run,
        "longest_streak": record.longest_streak,
        "last_logged_date": None if newest is None else newest.isoformat(),
        "total_days_logged": record.total_days_logged,
        "history": [{"date": day.isoformat(), "logged": True} for day in days],
        "revision": record.revision,
    }


def _record_of(document: Document) -> StreakRecord:
    newest = document["last_logged_date"]
    return StreakRecord(
        last_run=document["current_streak"],
        longest_streak=document["longest_streak"],
        last_logged_date=None if newest is None else date.fromisoformat(newest),
        total_days_logged=document["total_days_logged"],
        history=tuple(date.fromisoformat(day["date"]) for day in document["history"]),
        revision=document["revision"],
    )
