"""Local dates: which day an instant belongs to, and the days around a day."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
MILLISECOND = timedelta(milliseconds=1)
YEARS = range(1900, 3000)
WEEK_DAYS = 7
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def zone(name: str) -> ZoneInfo | None:
    """The IANA time zone of that name; None where there is none."""
    return ZoneInfo(name) if name in _zone_names() else None


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    """IANA's names: a machine's folder also holds names of its own, such as `localtime`."""
    names = resources.files("tzdata").joinpath("zones").read_text("ascii").split()
    return frozenset(names) - {"Factory"}  # which stands for a zone that nobody has set


def local_date(instant: datetime, zone_name: str) -> date:
    """The date on the wall at `instant` in the zone, which must exist."""
    return instant.astimezone(_known(zone_name)).date()


def end_of(day: date, zone_name: str) -> datetime:
    """The last millisecond that belongs to `day` in the zone; of a day that the zone skipped, the
    one before the day that took its place.
    """
    midnight = datetime.combine(day + DAY, datetime.min.time(), _known(zone_name))
    # Clocks that are moved at midnight let it come twice, or not at all.
    ends = [midnight.replace(fold=fold).astimezone(UTC) - MILLISECOND for fold in (0, 1)]
    return max((end for end in ends if local_date(end, zone_name) == day), default=ends[0])


def parse_date(value: str) -> date | None:
    """The date that YYYY-MM-DD names, in the years 1900 to 2999; None for anything else, other
    ISO 8601 forms included.
    """
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.isoformat() == value and day.year in YEARS else None


def parse_instant(value: str) -> datetime | None:
    """The instant that an RFC 3339 text names; None for anything else, or without an offset."""
    if _RFC_3339.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def week_ending(day: date) -> list[date]:
    """The seven dates that end on `day`, oldest first."""
    return list(days_ending(day, WEEK_DAYS))


def days_ending(day: date, count: int) -> Iterator[date]:
    """`count` dates that end on `day`, oldest first."""
    for back in range(count - 1, -1, -1):
        yield day - timedelta(days=back)


def _known(name: str) -> ZoneInfo:
    found = zone(name)
    if found is None:
        raise ValueError(f"unknown time zone: {name}")
    return found
