"""The streak of the dates that have a meal, also against a naive model."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dietcare.domain.streak import Streak, StreakRecord, record_of, streak

TODAY = date(2025, 11, 27)


def back(*days: int) -> list[date]:
    """Dates by how many days before today they are; negative ones lie ahead."""
    return [TODAY - timedelta(days=day) for day in days]


def once(days: Iterable[date]) -> dict[date, int]:
    """One meal on each of the dates."""
    return dict.fromkeys(days, 1)


@pytest.mark.parametrize(
    ("days", "current", "longest", "total"),
    [
        (back(), 0, 0, 0),
        (back(0), 1, 1, 1),
        (back(0, 1, 2, 3, 4), 5, 5, 5),
        (back(1, 2, 3), 3, 3, 3),  # today has none yet
        (back(2, 3, 4), 0, 3, 3),  # the day before yesterday is too long ago
        (back(0, 2, 3, 4), 1, 3, 4),  # a gap yesterday
        (back(0, 1, 10, 11, 12, 13), 2, 4, 6),
        (back(3, 0, 2, 1, 1, 0), 4, 4, 4),  # in any order, twice
        (back(400), 0, 1, 1),
        (back(-1, 0, 1), 2, 3, 3),  # a traveller's tomorrow does not count today
        (back(-1, 1, 2), 2, 2, 3),  # tomorrow, and nothing yet today
        (back(-1), 0, 1, 1),
        (back(-1, 2), 0, 1, 2),
        (back(-1, 0), 1, 2, 2),
        (back(-2, 0, 1), 2, 2, 3),
    ],
)
def test_a_streak_ends_today_or_yesterday(days, current, longest, total):
    assert streak(days, TODAY) == Streak(current, longest, max(days, default=None), total)


def test_a_user_without_meals_has_zeros_and_no_last_date():
    assert StreakRecord().on(TODAY) == Streak(0, 0, None, 0)


def test_a_streak_crosses_leap_day_and_new_year():
    leap = [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
    year = [date(2025, 12, 31), date(2026, 1, 1)]

    assert streak(leap, date(2024, 3, 1)).current_streak == 3
    assert streak(year, date(2026, 1, 1)).current_streak == 2
    assert streak([date(2025, 2, 28), date(2025, 3, 1)], date(2025, 3, 1)).current_streak == 2


def test_history_keeps_the_newest_366_days_and_the_figures_all_of_them():
    record = record_of(once(back(*range(400))))

    assert record.history == tuple(back(*range(366)))
    assert (record.last_run, record.longest_streak, record.total_days_logged) == (400, 400, 400)
    assert (record.on(TODAY).current_streak, record.meals_total) == (400, 400)


def test_a_long_streak_is_seen_whole_by_a_traveller_whose_newest_date_is_tomorrow():
    assert record_of(once(back(*range(-1, 400)))).on(TODAY).current_streak == 400


def naive(days: set[date], today: date) -> Streak:
    """Walks the calendar a day at a time."""

    def run_until(day: date) -> int:
        count = 0
        while day - timedelta(days=count) in days:
            count += 1
        return count

    current = run_until(today) or run_until(today - timedelta(days=1))
    longest = max((run_until(day) for day in days), default=0)
    return Streak(current, longest, max(days, default=None), len(days))


DAYS = st.sets(st.integers(-2, 40).map(lambda days: TODAY - timedelta(days=days)))


@given(DAYS)
def test_a_streak_is_what_walking_the_calendar_says(days):
    assert streak(days, TODAY) == naive(days, TODAY)


@given(DAYS, st.integers(0, 5))
def test_a_stored_record_is_right_on_any_later_day(days, later):
    today = TODAY + timedelta(days=later)

    seen = record_of(once(days)).on(today)
    # Where a traveller's date lies ahead, a record may not tell, and the dates are asked.
    if seen is None:
        assert max(days) > today
        seen = streak(days, today)
    assert seen == naive(days, today)
