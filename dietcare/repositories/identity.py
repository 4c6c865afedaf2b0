"""What every adapter does the same way to ids and instants before it stores or compares them."""

from datetime import UTC, datetime, timedelta

from dietcare.domain.ids import is_id
from dietcare.errors import DatabaseQueryError

MILLISECOND = timedelta(milliseconds=1)
_FIRST, _LAST = (end.replace(tzinfo=UTC) for end in (datetime.min, datetime.max))


def canonical(id_text: str) -> str:
    """The id in lower case.

    Raises:
        DatabaseQueryError: it is no id: nothing else, a dict of operators least of all, is ever
            looked up.
    """
    if not isinstance(id_text, str) or not is_id(id_text):
        raise DatabaseQueryError
    return id_text.lower()


def stored_instant(instant: datetime) -> datetime:
    """The instant in UTC, cut to the millisecond that MongoDB keeps; kept within the calendar."""
    try:
        utc = instant.astimezone(UTC)
    except OverflowError:
        utc = _LAST if instant.year == _LAST.year else _FIRST
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def not_before(instant: datetime) -> datetime:
    """The first stored instant that is not before `instant`."""
    cut = stored_instant(instant)
    return cut if cut >= instant else min(cut, _LAST - MILLISECOND) + MILLISECOND
