"""Progress of one local date."""

from datetime import date

import pytest

from dietcare.domain.goal import Dialysis, GoalSource
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.domain.progress import DayGoals, TopFood, by_day, daily
from dietcare.messages import Language

DAY, TODAY = date(2025, 11, 26), date(2025, 11, 27)
STAGE_3 = Nutrients(2000, 50, 2000, 800)


@pytest.fixture
def progress(build):
    """Progress of a past day, or of today, on which these foods were a meal each."""

    def made(*foods, goals=STAGE_3, dialysis=Dialysis.NONE, today=TODAY):
        meals = by_day(build.meal(str(DAY), food) for food in foods)
        target = DayGoals(goals, dialysis, GoalSource.USER)
        return daily(DAY, today, meals, lambda _day: target)

    return made


def test_the_seeds_day(progress, build):
    eaten = {"sodium_mg": 1850, "protein_g": 45, "potassium_mg": 1750, "phosphorus_mg": 720}

    found = progress(build.food("하루", 1_500, **eaten))

    assert found.balance.consumed == Nutrients(**eaten)
    assert found.balance.goals == STAGE_3
    assert found.balance.adherence == Nutrients(92.5, 90, 87.5, 90)
    assert found.balance.violations == ()
    assert found.balance.warnings == ()
    assert (found.balance.meals_logged, found.goals_source) == (1, GoalSource.USER)


@pytest.mark.parametrize(
    ("consumed", "percent"),
    [(0, 0), (0.9, 0), (1.1, 0.1), (1234, 61.7), (1236.9, 61.8), (1999.2, 100), (2004, 100.2)],
)
def test_adherence_has_one_decimal(progress, build, consumed, percent):
    found = progress(build.food("국", 300, sodium_mg=consumed))

    assert found.balance.adherence.sodium_mg == percent


def test_a_day_without_meals_is_empty_and_breaks_nothing(progress):
    found = progress()

    assert found.balance.consumed == found.balance.adherence == Nutrients(0, 0, 0, 0)
    assert (found.balance.violations, found.balance.warnings) == ((), ())
    assert (found.balance.meals_logged, found.balance.known.coverage()) == (0, None)


def test_each_nutrient_above_its_goal_is_a_violation(progress, build):
    ramen = build.food("라면", 550, sodium_mg=1700, potassium_mg=300)
    stew = build.food("부대찌개", 400, sodium_mg=1500, potassium_mg=1800.5)
    kimchi = build.food("김치", 100, sodium_mg=500)

    violations = progress(ramen, stew, kimchi).balance.violations

    assert [each.nutrient for each in violations] == [Nutrient.SODIUM, Nutrient.POTASSIUM]
    sodium, potassium = violations
    assert (sodium.consumed, sodium.goal, sodium.excess, sodium.percent) == (3700, 2000, 1700, 185)
    assert (potassium.consumed, potassium.excess) == (2100.5, 100.5)
    assert potassium.percent == 105.0
    assert potassium.top_foods == (TopFood("부대찌개", 1800.5), TopFood("라면", 300))


def test_a_goal_that_is_met_exactly_is_no_violation(progress, build):
    met = build.food("딱", 1_000, sodium_mg=2000, protein_g=50, potassium_mg=2000)

    assert progress(met).balance.violations == ()


def test_top_foods_are_the_three_greatest_and_the_same_food_is_added_up(progress, build):
    foods = [
        build.food("김치", 50, sodium_mg=400),
        build.food("라면", 550, sodium_mg=900),
        build.food("김치", 70, sodium_mg=600),
        build.food("국", 300, sodium_mg=700),
        build.food("나물", 80, sodium_mg=650),
        build.food("물", 200, sodium_mg=0),
        build.food("떡", 100),
    ]

    (violation,) = progress(*foods).balance.violations

    assert violation.top_foods == (
        TopFood("김치", 1000),
        TopFood("라면", 900),
        TopFood("국", 700),
    )


@pytest.mark.parametrize(
    ("goal", "eaten", "low"),
    [(50, 40, False), (50, 39.999, True), (70, 56, False), (70, 55.9, True), (60, 0, True)],
)
def test_a_past_day_with_less_than_80_percent_of_the_protein_is_a_warning(
    progress, build, goal, eaten, low
):
    goals = Nutrients(2000, goal, 2000, 800)

    balance = progress(build.food("두부", 300, protein_g=eaten), goals=goals).balance

    assert [each.code for each in balance.warnings] == (["PROTEIN_LOW"] if low else [])
    assert balance.violations == ()


@pytest.mark.parametrize("today", [DAY, date(2025, 11, 25)])
def test_today_may_still_get_its_protein(progress, build, today):
    assert progress(build.food("두부", 300, protein_g=1), today=today).balance.warnings == ()


def test_80_percent_of_any_goal_is_enough(progress, build):
    for goal in range(15, 201):
        food = build.food("두부", 300, protein_g=round(goal * 8 / 10, 3))
        goals = Nutrients(2000, goal, 2000, 800)
        assert progress(food, goals=goals).balance.warnings == (), goal


def test_without_dialysis_protein_above_the_goal_is_a_violation(progress, build):
    balance = progress(build.food("고기", 300, protein_g=50.001)).balance

    assert [each.nutrient for each in balance.violations] == [Nutrient.PROTEIN]
    assert balance.warnings == ()


@pytest.mark.parametrize("dialysis", [Dialysis.HEMODIALYSIS, Dialysis.PERITONEAL])
@pytest.mark.parametrize(
    ("eaten", "warned", "violated"),
    [(70, False, False), (70.1, True, False), (87.5, True, False), (87.501, False, True)],
)
def test_on_dialysis_up_to_25_percent_more_protein_is_a_warning(
    progress, build, dialysis, eaten, warned, violated
):
    goals = Nutrients(2000, 70, 2000, 1000)

    balance = progress(
        build.food("고기", 500, protein_g=eaten), goals=goals, dialysis=dialysis
    ).balance

    assert [each.code for each in balance.warnings] == (["PROTEIN_HIGH"] if warned else [])
    assert [each.nutrient for each in balance.violations] == [Nutrient.PROTEIN] * violated
    if violated:
        assert (balance.violations[0].excess, balance.violations[0].percent) == (17.501, 125.0)


def test_what_is_unknown_shows_in_the_coverage_of_the_day(progress, build):
    found = progress(build.food("국", 300, sodium_mg=700), build.rice)

    assert found.balance.known.coverage() == Nutrients(None, 0.5, 0.5, 0.5)


def test_a_warning_names_its_field_and_speaks_both_languages(progress, build):
    (warning,) = progress(build.food("두부", 300, protein_g=1)).balance.warnings

    assert warning.field == "progress.consumed.protein_g"
    assert warning.text.render(Language.EN) == "less than 80 % of the protein goal was eaten"
    assert "80 %" in warning.text.render(Language.KO)
