"""Streaks in `user_streaks`, and the intents of those who change the meals."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from dietcare.domain.ids import UserId
from dietcare.domain.streak import HISTORY_DAYS, Intent, StreakRecord
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.port import StreakRepository

COLLECTION = "user_streaks"
# A year of dates is most of the record, and only who computes them anew needs them.
NO_HISTORY = {"history": 0}
# Two begin a user's first record at once: one inserts it, the other then finds it.
BEGIN_TRIES = 3
EMPTY: Document = {
    "current_streak": 0,
    "longest_streak": 0,
    "last_logged_date": None,
    "total_days_logged": 0,
    "history": [],
}


class MongoStreakRepository(StreakRepository):
    """See the port. A user has one record, under the user's own id."""

    def __init__(self, collection: Collection) -> None:
        self._streaks = collection

    async def get(self, user_id: UserId) -> StreakRecord | None:
        query = {"user_id": object_id(user_id)}
        found = await self._streaks.find_one(query, projection=NO_HISTORY)
        return None if found is None else _record_of(found)

    async def history(self, user_id: UserId) -> Sequence[date]:
        query = {"user_id": object_id(user_id)}
        found = await self._streaks.find_one(query, projection={"history.date": 1})
        return [date.fromisoformat(day["date"]) for day in found["history"]] if found else []

    async def begin(self, user_id: UserId, intent: Intent) -> StreakRecord:
        owner = object_id(user_id)
        update = {
            "$push": {"intents": {"id": intent.id, "at": intent.at}},
            "$inc": {"revision": 1},
            "$setOnInsert": {"_id": owner, **EMPTY},
        }
        for _ in range(BEGIN_TRIES):
            try:
                begun = await self._streaks.find_one_and_update(
                    {"user_id": owner}, update, upsert=True, projection=NO_HISTORY, after=True
                )
            except DuplicateKeyError:
                continue
            if begun is not None:
                return _record_of(begun)
        raise DatabaseQueryError

    async def settle(
        self, user_id: UserId, intent_id: str, record: StreakRecord, *, whole: bool
    ) -> bool:
        query = {
            "user_id": object_id(user_id),
            "revision": record.revision - 1,
            "intents.id": intent_id,
        }
        return await self._streaks.update_one(query, _update(record, whole=whole))

    async def leave(self, user_id: UserId, intent_id: str) -> None:
        update = {
            "$pull": {"intents": {"id": intent_id}},
            "$unset": {"meals_total": ""},
            "$inc": {"revision": 1},
        }
        await self._streaks.update_one({"user_id": object_id(user_id)}, update)

    async def remove(self, user_id: UserId, revision: int) -> bool:
        query = {"user_id": object_id(user_id), "revision": int(revision)}
        return await self._streaks.find_one_and_delete(query) is not None


def _update(record: StreakRecord, *, whole: bool) -> Document:
    newest = record.last_logged_date
    days = [{"date": day.isoformat(), "logged": True} for day in record.history[:HISTORY_DAYS]]
    update: dict[str, Any] = {
        "$set": {
            "current_streak": record.last_run,
            "longest_streak": record.longest_streak,
            "last_logged_date": None if newest is None else newest.isoformat(),
            "total_days_logged": record.total_days_logged,
            "revision": record.revision,
            "meals_total": record.meals_total,
            "intents": [{"id": each.id, "at": each.at} for each in record.intents],
        }
    }
    if whole:
        update["$set"]["history"] = days
    elif days:
        update["$push"] = {"history": {"$each": days, "$position": 0, "$slice": HISTORY_DAYS}}
    return update


def _record_of(document: Document) -> StreakRecord:
    """The record; one of an earlier release has neither intents nor the number of meals."""
    newest = document["last_logged_date"]
    return StreakRecord(
        last_run=document["current_streak"],
        longest_streak=document["longest_streak"],
        last_logged_date=None if newest is None else date.fromisoformat(newest),
        total_days_logged=document["total_days_logged"],
        revision=document["revision"],
        meals_total=document.get("meals_total"),
        intents=tuple(Intent(each["id"], each["at"]) for each in document.get("intents", ())),
    )
