"""Which documents of `meal_logs` a filter means."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dietcare.domain.ids import UserId
from dietcare.domain.meal import MealCursor, MealFilter, MealType
from dietcare.repositories.identity import not_before, stored_instant
from dietcare.repositories.mongo.collection import Document
from dietcare.repositories.mongo.documents import known, object_id

# Zones are at most 14 hours off UTC: a local date lies within its UTC date and a day either side.
ZONE_MARGIN = timedelta(days=1)


def counted(user_id: UserId, where: MealFilter) -> Document:
    """The query that counts what `where` means."""
    return _query(user_id, where, _range(where.first_instant, where.last_instant))


def listed(user_id: UserId, where: MealFilter) -> Document:
    """The query that lists what `where` means.

    Dates bound the instants too, so that a scan in the order of the page starts and ends with them.
    """
    return _query(user_id, where, _bounds(where, None))


def listed_after(user_id: UserId, where: MealFilter, cursor: MealCursor) -> Document:
    """The query that lists what comes after `cursor`.

    Its instant bounds the scan once more, so that no page costs more than another.
    """
    instant = stored_instant(cursor.logged_at)
    after = [{"logged_at": {"$lt": instant}}, {"_id": {"$lt": object_id(cursor.meal_id)}}]
    return {**_query(user_id, where, _bounds(where, instant)), "$or": after}


def _query(user_id: UserId, where: MealFilter, instants: Mapping[str, Any]) -> Document:
    dates = {
        "$gte": where.first_date and where.first_date.isoformat(),
        "$lte": where.last_date and where.last_date.isoformat(),
    }
    fields = {
        "meal_type": where.meal_type and MealType(where.meal_type).value,
        "local_date": known(dates) or None,
        "logged_at": instants or None,
    }
    return {"user_id": object_id(user_id), **known(fields)}


def _bounds(where: MealFilter, after: datetime | None) -> Document:
    firsts = (where.first_instant, _shifted(where.first_date, -ZONE_MARGIN))
    lasts = (where.last_instant, _shifted(where.last_date, 2 * ZONE_MARGIN), after)
    return _range(
        max((first for first in firsts if first is not None), default=None),
        min((last for last in lasts if last is not None), default=None),
    )


def _shifted(day: date | None, by: timedelta) -> datetime | None:
    """The start of the UTC day, shifted; None, no bound, where the calendar ends before."""
    if day is None:
        return None
    try:
        return datetime.combine(day, time(), UTC) + by
    except OverflowError:
        return None


def _range(first: datetime | None, last: datetime | None) -> Document:
    return known({"$gte": first and not_before(first), "$lte": last and stored_instant(last)})
