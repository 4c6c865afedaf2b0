"""Counters in `rate_limits`, one document each.

A full counter and one that another call has just made are told apart by the document itself, not
by a duplicate key: the filter names the unique index's fields alone, so that an upsert which loses
the race for the first unit is done again, by the server or below, and counts the second.
"""

from datetime import datetime

from dietcare.domain.ids import is_id
from dietcare.domain.quota import Window
from dietcare.errors import DatabaseQueryError
from dietcare.repositories.identity import stored_instant
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.port import Counters, Taken, counter_name

COLLECTION = "rate_limits"
# The second finds the document that the first ran into; more are needed only while it expires.
ATTEMPTS = 3


class MongoCounters(Counters):
    """See the port."""

    def __init__(self, collection: Collection) -> None:
        self._counters = collection

    async def take(self, user_id: str, window: Window, maximum: int, now: datetime) -> Taken | None:
        if maximum < 1:
            return None
        query, update = _counter(user_id, window), [{"$set": _one_more(window, maximum, now)}]
        for _ in range(ATTEMPTS):
            try:
                before = await self._counters.find_one_and_update(query, update, upsert=True)
            except DuplicateKeyError:
                continue
            count = _count(before, now)
            return Taken(count + 1, self) if count < maximum else None
        raise DatabaseQueryError

    async def give_back(self, user_id: str, window: Window, now: datetime) -> int:
        used = {"count": {"$gt": 0}, "expires_at": {"$gt": stored_instant(now)}}
        query = _counter(user_id, window) | used
        before = await self._counters.find_one_and_update(query, {"$inc": {"count": -1}})
        return max(0, _count(before, now) - 1)

    async def count(self, user_id: str, window: Window, now: datetime) -> int:
        return _count(await self._counters.find_one(_counter(user_id, window)), now)


def _counter(user_id: str, window: Window) -> Document:
    subject = object_id(user_id) if is_id(user_id) else str(user_id)
    return {"user_id": subject, "key": counter_name(user_id, window)}


def _one_more(window: Window, maximum: int, now: datetime) -> Document:
    """Where there is no document, its fields are missing, and a missing one is below any date."""
    running = {"$gt": ["$expires_at", stored_instant(now)]}
    used = {"$cond": [running, "$count", 0]}
    one_more = {"$cond": [{"$lt": [used, int(maximum)]}, {"$add": [used, 1]}, used]}
    return {"count": one_more, "expires_at": stored_instant(window.resets_at)}


def _count(document: Document | None, now: datetime) -> int:
    if document is None or document["expires_at"] <= stored_instant(now):
        return 0
    return int(document["count"])
