"""Progress against sums that are written out."""

from datetime import UTC, date, datetime, timedelta

import naive_diary
import seen_answers
from hypothesis import given, settings
from hypothesis import strategies as st

from dietcare.domain import calendar
from dietcare.domain.goal import CkdStage, Dialysis, Goals, GoalSource, defaults
from dietcare.domain.meal import Eaten, Intake
from dietcare.domain.nutrients import Nutrients, total
from dietcare.domain.progress import DayGoals, by_day, daily, weekly
from dietcare.services.goal import in_force

DAY = date(2025, 11, 27)
ZONES = ("Asia/Seoul", "America/New_York", "Pacific/Apia")
NUTRIENTS = naive_diary.NUTRIENTS

foods = st.tuples(
    st.sampled_from(["밥", "국", "라면", "김치", "사과"]),
    st.fixed_dictionaries({}, optional={name: st.integers(0, 1500) for name in NUTRIENTS}),
)
noons = st.integers(-16, 1).map(
    lambda days: datetime(2025, 11, 27, 3, tzinfo=UTC) + timedelta(days)
)
meals = st.builds(
    naive_diary.Meal,
    id=st.just(""),
    meal_type=st.just("lunch"),
    logged_at=noons,
    zone=st.just("Asia/Seoul"),
    foods=st.lists(foods, min_size=1, max_size=4),
)
versions = st.lists(
    st.tuples(
        st.integers(0, 24 * 60 * 12),
        st.fixed_dictionaries({name: st.integers(500, 2000) for name in NUTRIENTS}),
        st.sampled_from(list(Dialysis)),
    ),
    max_size=5,
)


def goal_versions(drawn):
    """The same versions for the naive model and for the service, by minutes before DAY ends."""
    naive, ours = [], []
    end = datetime(2025, 11, 28, tzinfo=UTC)
    by_time = sorted(drawn, key=lambda each: -each[0])
    for number, (minutes, amounts, dialysis) in enumerate(by_time, 1):
        since = end - timedelta(minutes=minutes)
        naive.append(naive_diary.GoalVersion(since, amounts, dialysis.value))
        stage = CkdStage.THREE if dialysis is Dialysis.NONE else CkdStage.FIVE
        ours.append(Goals("", "", stage, dialysis, None, Nutrients(**amounts), since, number))
    return naive, ours


def intake(meal):
    eaten = tuple(Eaten(name, Nutrients(**known)) for name, known in meal.foods)
    return Intake(meal.day, total(food.nutrients for food in eaten), eaten)


@settings(deadline=None, max_examples=60)
@given(st.lists(meals, max_size=25), versions, st.integers(0, 48), st.sampled_from(ZONES))
def test_daily_and_weekly_progress_are_what_adding_up_gives(eaten, drawn, hours, zone):
    naive_goals, goals = goal_versions(drawn)
    diary = naive_diary.Diary(eaten, naive_goals)
    now = datetime(2025, 11, 27, tzinfo=UTC) + timedelta(hours=hours)
    today = calendar.local_date(now, zone)

    def goals_on(day):
        held = in_force(goals, min(now, calendar.end_of(day, zone)))
        if held is None:
            fallback = defaults(CkdStage.THREE, Dialysis.NONE, None)
            return DayGoals(fallback, Dialysis.NONE, GoalSource.DEFAULT)
        return DayGoals(held.nutrients, held.dialysis, GoalSource.USER)

    days = by_day(intake(meal) for meal in eaten)
    seen = seen_answers.progress(daily(DAY, today, days, goals_on))
    assert seen == naive_diary.day_progress(diary, DAY, zone, now)
    seen = seen_answers.progress(weekly(DAY, today, days, goals_on))
    assert seen == naive_diary.week_progress(diary, DAY, zone, now)
