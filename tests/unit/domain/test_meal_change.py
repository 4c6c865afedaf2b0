"""The rules of a change of a meal: what it does not name stays."""

from datetime import date

import pytest

from dietcare.domain.meal import Meal, MealChange, MealDraft, MealType, changed_meal
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import InvalidMealDataError


@pytest.fixture
def lunch(build) -> Meal:
    return build.meal("2025-11-25")


@pytest.fixture
def change(lunch, clock):
    """Change the lunch; only the fields given are named."""

    def changed(**values) -> Meal:
        draft = MealDraft(**({"meal_type": None, "foods": ()} | values))
        return changed_meal(lunch, MealChange(frozenset(values), draft), now=clock.now())

    return changed


def test_a_change_names_its_fields_and_leaves_the_rest(change, lunch, clock):
    meal = change(note="남김")

    assert (meal.note, meal.version, meal.updated_at) == ("남김", 2, clock.now())
    assert (meal.id, meal.meal_type, meal.foods) == (lunch.id, lunch.meal_type, lunch.foods)
    assert (meal.logged_at, meal.created_at) == (lunch.logged_at, lunch.created_at)


def test_foods_alone_recompute_the_totals(change, build):
    meal = change(foods=(build.food("국", 300, sodium_mg=700),))

    assert meal.total_nutrients == Nutrients(700, 0, 0, 0)
    assert meal.coverage == Nutrients(None, 0, 0, 0)


def test_totals_alone_must_agree_with_the_foods_that_stay(change, refused):
    assert change(total_nutrients=Nutrients(2, 5.2, 157, 189)).version == 2

    with refused(InvalidMealDataError) as fields:
        change(total_nutrients=Nutrients(sodium_mg=900))
    assert fields == {"total_nutrients.sodium_mg": "does not agree with the sum of the foods (2)"}


def test_cleared_totals_are_computed_again(change, lunch):
    assert change(total_nutrients=None).total_nutrients == lunch.total_nutrients


def test_a_moved_meal_keeps_its_zone(change, build):
    meal = change(logged_at=build.instant("2025-11-24T15:30:00Z"))

    assert (meal.local_date, meal.time_zone) == (date(2025, 11, 25), "Asia/Seoul")


def test_another_zone_moves_the_meal_to_its_date_there(change):
    meal = change(time_zone="America/Los_Angeles")  # 03:00Z on the 25th is 19:00 on the 24th

    assert (meal.local_date, meal.time_zone) == (date(2025, 11, 24), "America/Los_Angeles")


def test_a_note_and_an_analysis_can_be_cleared(change):
    assert change(note=None).note is None
    assert change(analysis_id=None).analysis_id is None


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("meal_type", None, "is required"),
        ("logged_at", None, "is required"),
        ("time_zone", None, "is required"),
        ("foods", (), "must have 1 to 50 foods"),
    ],
)
def test_what_a_meal_must_have_can_not_be_cleared(change, refused, field, value, sentence):
    with refused(InvalidMealDataError) as fields:
        change(**{field: value})

    assert fields == {field: sentence}


def test_every_violated_field_of_a_change_is_named_at_once(change, refused, build):
    with refused(InvalidMealDataError) as fields:
        change(
            meal_type=None,
            logged_at=None,
            time_zone=None,
            note="x" * 1_001,
            foods=(build.food("국", -1),),
        )

    assert set(fields) == {"meal_type", "logged_at", "time_zone", "note", "foods[0].portion_g"}


def test_a_change_keeps_the_limits_of_a_new_meal(change, refused, build):
    with refused(InvalidMealDataError) as fields:
        change(
            meal_type=MealType.DINNER,
            logged_at=build.instant("2025-11-27T03:05:01Z"),
            time_zone="Mars/Olympus",
        )

    assert fields == {
        "time_zone": "must be an IANA time zone",
        "logged_at": "must not be more than 5 minutes in the future",
    }
