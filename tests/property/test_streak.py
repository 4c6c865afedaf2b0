"""The streak against one that counts day by day."""

from dataclasses import replace
from datetime import date, timedelta

import naive_diary
import seen_answers
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dietcare.domain.streak import extended, record_of, streak

TODAY = date(2024, 2, 28)  # before a leap day

# Close together, so that there are runs; some ahead, as a traveller's are.
offsets = st.integers(-12, 3)
day_sets = st.sets(offsets.map(lambda days: TODAY + timedelta(days)))


@given(day_sets)
@example({TODAY + timedelta(1), TODAY - timedelta(1)})
def test_the_streak_is_what_counting_day_by_day_gives(days):
    assert seen_answers.streak(streak(days, TODAY)) == naive_diary.streak(days, TODAY)


@given(day_sets)
def test_a_record_tells_the_streak_or_says_that_it_does_not(days):
    record = record_of(dict.fromkeys(days, 1))
    seen = record.on(TODAY)
    if seen is None:
        assert max(days) > TODAY
    else:
        assert seen_answers.streak(seen) == naive_diary.streak(days, TODAY)


@given(day_sets.filter(lambda days: max(days, default=TODAY) <= TODAY))
def test_without_dates_ahead_a_record_always_tells(days):
    assert record_of(dict.fromkeys(days, 1)).on(TODAY) is not None


@given(st.dictionaries(offsets.map(lambda days: TODAY + timedelta(days)), st.integers(1, 3)))
def test_a_meal_on_the_newest_date_or_the_next_extends_as_computing_would(meals_on):
    for ahead in (0, 1):
        day = max(meals_on, default=TODAY) + timedelta(ahead)
        before = record_of(meals_on)
        after = extended(before, day)
        assert after is not None
        whole = replace(after, history=(*after.history, *before.history))
        assert whole == record_of({**meals_on, day: meals_on.get(day, 0) + 1})


@given(day_sets, offsets)
def test_a_meal_on_any_other_date_is_left_to_computing(days, offset):
    newest, day = max(days, default=None), TODAY + timedelta(offset)
    assume(newest is not None)
    assume(day - newest not in (timedelta(0), timedelta(1)))
    assert extended(record_of(dict.fromkeys(days, 1)), day) is None


def test_a_record_whose_meals_are_not_counted_is_not_extended():
    record = replace(record_of({TODAY: 1}), meals_total=None)
    assert extended(record, TODAY) is None
