"""Progress of the seven local dates that end on a date."""

from datetime import date, timedelta

import pytest

from dietcare.domain.goal import Dialysis, GoalSource
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.domain.progress import DayGoals, Direction, Trend, by_day, weekly

LAST = date(2025, 11, 27)
STAGE_3 = DayGoals(Nutrients(2000, 50, 2000, 800), Dialysis.NONE, GoalSource.USER)


@pytest.fixture
def week(build):
    """The week that ends on the 27th; `eaten` has foods by the number of days before it."""

    def made(eaten, goals_on=lambda _day: STAGE_3, today=LAST):
        meals = by_day(
            build.meal(str(LAST - timedelta(days=back)), food)
            for back, foods in eaten.items()
            for food in foods
        )
        return weekly(LAST, today, meals, goals_on)

    return made


@pytest.fixture
def salt(build):
    return lambda mg: build.food("국", 1_000, sodium_mg=mg, protein_g=50)


def test_a_week_sums_seven_days_and_their_goals(week, salt):
    found = week({0: [salt(1500)], 1: [salt(1000), salt(900)], 6: [salt(2000)], 7: [salt(9000)]})

    assert found.balance.consumed == Nutrients(5400, 200, 0, 0)
    assert found.balance.goals == Nutrients(14_000, 350, 14_000, 5_600)
    assert found.balance.adherence == Nutrients(38.6, 57.1, 0, 0)
    assert found.balance.violations == ()
    assert found.balance.meals_logged == 4
    assert found.week.days_logged == 3
    assert found.week.daily_average.sodium_mg == 1800
    assert [each.day for each in found.week.days] == [
        date(2025, 11, day) for day in (21, 22, 23, 24, 25, 26, 27)
    ]
    assert [each.balance.meals_logged for each in found.week.days] == [1, 0, 0, 0, 0, 2, 1]


def test_a_day_breaks_its_goal_also_where_the_week_does_not(week, salt):
    found = week({3: [salt(3000)]})

    (violation,) = found.week.days[3].balance.violations
    assert (violation.nutrient, violation.excess, violation.percent) == (Nutrient.SODIUM, 1000, 150)
    assert found.balance.violations == ()


def test_a_week_above_the_sum_of_its_goals_is_a_violation(week, salt):
    (violation,) = week({day: [salt(2500)] for day in range(7)}).balance.violations

    assert (violation.consumed, violation.goal, violation.excess) == (17_500, 14_000, 3_500)
    assert violation.percent == 125
    assert violation.top_foods[0].amount == 17_500


def test_goals_that_changed_within_the_week_count_each_for_its_days(week, salt):
    strict = DayGoals(Nutrients(1500, 55, 2000, 800), Dialysis.NONE, GoalSource.USER)

    found = week({0: [salt(1000)]}, lambda day: strict if day >= date(2025, 11, 25) else STAGE_3)

    assert found.balance.goals == Nutrients(4 * 2000 + 3 * 1500, 4 * 50 + 3 * 55, 14_000, 5_600)
    assert found.week.days[-1].balance.goals.sodium_mg == 1500
    assert found.week.days[0].balance.goals.sodium_mg == 2000


def test_the_average_is_over_the_logged_days_with_three_decimals(week, salt):
    assert week({0: [salt(1000)], 1: [salt(1000)], 2: [salt(1001)]}).week.daily_average == (
        Nutrients(1000.333, 50, 0, 0)
    )


def test_a_week_without_meals_is_flat_and_empty(week):
    found = week({})

    assert found.week.daily_average == Nutrients(0, 0, 0, 0)
    assert (found.week.days_logged, found.balance.meals_logged) == (0, 0)
    assert set(found.week.trend.values()) == {Trend(Direction.FLAT, None)}
    assert len(found.week.days) == 7


@pytest.mark.parametrize(
    ("before", "now", "direction", "percent"),
    [
        (2000, 1836, Direction.DOWN, -8.2),
        (2000, 2000, Direction.FLAT, 0),
        (2000, 2100, Direction.FLAT, 5),
        (2000, 1900, Direction.FLAT, -5),
        (10_000, 10_504, Direction.UP, 5),
        (2000, 2102, Direction.UP, 5.1),
        (2000, 1898, Direction.DOWN, -5.1),
        (1000, 3000, Direction.UP, 200),
        (1000, 0, Direction.DOWN, -100),
    ],
)
def test_a_trend_compares_with_the_average_of_the_week_before(
    week, salt, before, now, direction, percent
):
    # Twice as many logged days before: averages are compared, not sums.
    found = week({0: [salt(now)], 7: [salt(before)], 13: [salt(before)], 14: [salt(9_999)]})

    assert found.week.trend[Nutrient.SODIUM] == Trend(direction, percent)
    assert found.week.trend[Nutrient.PROTEIN] == Trend(Direction.FLAT, 0)


def test_there_is_no_percent_where_the_week_before_is_empty(week, salt):
    trend = week({0: [salt(1000)]}).week.trend

    assert trend[Nutrient.SODIUM] == Trend(Direction.UP, None)
    assert trend[Nutrient.POTASSIUM] == Trend(Direction.FLAT, None)


def test_past_days_with_little_protein_warn_and_today_does_not(week, build):
    little = build.food("죽", 300, protein_g=5)

    found = week({0: [little], 2: [little], 3: [build.food("고기", 300, protein_g=45)]})

    assert [(each.code, each.field) for each in found.balance.warnings] == [
        ("PROTEIN_LOW", "progress.days[4].consumed.protein_g")
    ]


def test_on_dialysis_a_week_a_little_above_the_protein_goal_is_a_warning(week, build):
    goals = DayGoals(Nutrients(2000, 70, 2000, 1000), Dialysis.HEMODIALYSIS, GoalSource.USER)
    feast, meal = (build.food("고기", 900, protein_g=amount) for amount in (140, 65))

    found = week({0: [meal], **{day: [meal] for day in range(2, 7)}, 1: [feast]}, lambda _d: goals)

    # 6 × 65 + 140 = 530 of 490: the feast is a violation of its day, the week only a warning.
    assert found.balance.violations == ()
    assert [each.code for each in found.balance.warnings] == ["PROTEIN_HIGH"]
    assert [len(each.balance.violations) for each in found.week.days] == [0, 0, 0, 0, 0, 1, 0]


def test_the_source_is_that_of_the_goals_on_the_date(week):
    default = DayGoals(STAGE_3.nutrients, Dialysis.NONE, GoalSource.DEFAULT)

    assert week({}, lambda _day: default).goals_source is GoalSource.DEFAULT
