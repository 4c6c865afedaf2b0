"""Ids and instants in the one form in which they are stored and compared."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dietcare.errors import DatabaseQueryError
from dietcare.repositories.identity import canonical, not_before, stored_instant

SEOUL = timezone(timedelta(hours=9))


def test_an_id_is_written_in_lower_case():
    assert canonical("507F1F77bcf86cd799439011") == "507f1f77bcf86cd799439011"


@pytest.mark.parametrize("no_id", ["", "x" * 24, "5" * 23, "5" * 25, {"$ne": 1}, None, b"5" * 24])
def test_what_is_no_id_is_refused_without_repeating_it(no_id):
    with pytest.raises(DatabaseQueryError) as caught:
        canonical(no_id)
    assert str(caught.value) == "DATABASE_ERROR: error.database"


def test_an_instant_is_cut_to_the_millisecond_in_utc():
    instant = datetime(2025, 11, 27, 8, 0, 0, 1999, SEOUL)
    assert stored_instant(instant) == datetime(2025, 11, 26, 23, 0, 0, 1000, UTC)
    assert stored_instant(instant).tzinfo is UTC


@pytest.mark.parametrize(("microsecond", "first"), [(0, 0), (1, 1000), (999, 1000), (1000, 1000)])
def test_the_first_instant_not_before_another_is_rounded_up(microsecond, first):
    instant = datetime(2025, 11, 27, tzinfo=UTC)
    assert not_before(instant.replace(microsecond=microsecond)) == instant.replace(
        microsecond=first
    )


def test_the_ends_of_the_calendar_do_not_overflow():
    first = datetime.min.replace(tzinfo=SEOUL)
    last = datetime.max.replace(tzinfo=timezone(-timedelta(hours=9)))
    assert stored_instant(first) == datetime.min.replace(tzinfo=UTC)
    assert stored_instant(last) == datetime.max.replace(tzinfo=UTC, microsecond=999000)
    assert not_before(last).year == 9999
