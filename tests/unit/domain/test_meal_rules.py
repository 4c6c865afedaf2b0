"""The rules of a meal that is logged."""

import unicodedata
from datetime import date, timedelta

import pytest

from dietcare.domain.meal import Meal, MealDraft, MealType, new_meal
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import InvalidMealDataError

MEAL_ID = "507f1f77bcf86cd799439013"


@pytest.fixture
def log(clock, user):
    """Check a draft as the service does, in Seoul."""

    def made(draft: MealDraft, zone_name: str = "Asia/Seoul") -> Meal:
        return new_meal(draft, meal_id=MEAL_ID, user_id=user, now=clock.now(), zone_name=zone_name)

    return made


def test_a_breakfast_at_eight_in_seoul_counts_for_that_seoul_date(log, build):
    meal = log(build.draft("2025-11-26T23:00:00Z"))

    assert meal.local_date == date(2025, 11, 27)
    assert meal.time_zone == "Asia/Seoul"
    assert meal.logged_at == build.instant("2025-11-26T23:00:00Z")


def test_the_zone_of_the_request_goes_before_that_of_the_user(log, build):
    meal = log(build.draft("2025-11-26T23:00:00Z", time_zone="America/New_York"))

    assert (meal.local_date, meal.time_zone) == (date(2025, 11, 26), "America/New_York")


def test_a_meal_without_a_time_was_eaten_now(log, build, clock):
    clock.set("2025-11-27T15:30:00.250Z")

    meal = log(build.draft())

    assert meal.logged_at == meal.created_at == meal.updated_at == clock.now()
    assert meal.local_date == date(2025, 11, 28)
    assert meal.version == 1


def test_an_instant_is_kept_in_utc_and_to_the_millisecond(log, build):
    draft = build.draft("2025-11-27T08:00:00.123999+09:00")

    assert log(draft).logged_at.isoformat() == "2025-11-26T23:00:00.123000+00:00"


@pytest.mark.parametrize("at", ["2025-11-27T03:05:00Z", "2000-01-01T00:00:00Z"])
def test_a_meal_may_be_from_2000_to_five_minutes_from_now(log, build, at):
    assert log(build.draft(at)).logged_at == build.instant(at)


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("2025-11-27T03:05:00.001Z", "must not be more than 5 minutes in the future"),
        ("2099-01-01T00:00:00Z", "must not be more than 5 minutes in the future"),
        ("1999-12-31T23:59:59.999Z", "must not be before 2000-01-01"),
        ("0001-01-01T00:00:00Z", "must not be before 2000-01-01"),
    ],
)
def test_no_meal_is_from_another_time(log, build, refused, at, sentence):
    with refused(InvalidMealDataError) as fields:
        log(build.draft(at))

    assert fields == {"logged_at": sentence}


def test_a_meal_has_up_to_50_foods(log, build):
    assert len(log(build.draft(None, *[build.rice] * 50)).foods) == 50


@pytest.mark.parametrize("count", [0, 51])
def test_no_meal_has_another_number_of_foods(log, refused, build, count):
    with refused(InvalidMealDataError) as fields:
        log(MealDraft(MealType.SNACK, (build.rice,) * count))

    assert fields == {"foods": "must have 1 to 50 foods"}


def test_names_and_note_are_kept_in_nfc(log, build):
    def typed(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    meal = log(build.draft(None, build.food(typed("김치찌개")), note=typed("맛있다")))

    assert (meal.foods[0].name, meal.note) == ("김치찌개", "맛있다")


def test_a_name_of_200_syllables_may_arrive_decomposed(log, build):
    meal = log(build.draft(None, build.food(unicodedata.normalize("NFD", "가" * 200))))

    assert meal.foods[0].name == "가" * 200


@pytest.mark.parametrize("note", ["", "가" * 1_000, "첫째 줄\n둘째 줄\r\n\t셋째"])
def test_a_note_has_up_to_1000_characters_on_several_lines(log, build, note):
    assert log(build.draft(note=note)).note == note


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ("가" * 1_001, "must have at most 1000 characters"),
        ("x\x00", "must not contain control characters"),
        ("\x1b[31m", "must not contain control characters"),
        ("\u202etxt", "must not contain control characters"),
    ],
)
def test_no_other_note_is_kept(log, build, refused, note, sentence):
    with refused(InvalidMealDataError) as fields:
        log(build.draft(note=note))

    assert fields == {"note": sentence}


def test_totals_are_the_sum_where_the_client_says_none(log, build):
    soup = build.food("국", 300, sodium_mg=700.5, protein_g=3.3)

    meal = log(build.draft(None, build.rice, soup))

    assert meal.total_nutrients == Nutrients(702.5, 8.5, 157, 189)
    assert meal.coverage == Nutrients(None, None, 0.5, 0.5)


@pytest.mark.parametrize(
    ("summed", "claimed"),
    [(2_000, 2_020), (2_000, 1_980), (100, 101), (100, 99), (0.5, 1.5), (0, 1), (50, 50)],
)
def test_totals_agree_within_one_percent_or_one_unit(log, build, summed, claimed):
    food = build.food("국", 300, sodium_mg=summed)

    meal = log(build.draft(None, food, total_nutrients=Nutrients(sodium_mg=claimed)))

    assert meal.total_nutrients.sodium_mg == summed


@pytest.mark.parametrize(
    ("summed", "claimed"),
    [
        (2_000, 2_020.1),
        (2_000, 1_979.9),
        (100, 101.01),
        (0, 1.1),
        (0, -0.5),
        (5, -1),
        (5, float("nan")),
    ],
)
def test_totals_that_agree_less_are_refused(log, build, refused, summed, claimed):
    food = build.food("국", 300, sodium_mg=summed)

    with refused(InvalidMealDataError) as fields:
        log(build.draft(None, food, total_nutrients=Nutrients(sodium_mg=claimed)))

    sentence = f"does not agree with the sum of the foods ({summed})"
    assert fields == {"total_nutrients.sodium_mg": sentence}


def test_every_violated_field_is_named_at_once(log, build, refused):
    foods = (build.food("", 0), build.food("소금", 1, sodium_mg=394), build.rice)
    draft = build.draft(
        "1999-01-01T00:00:00Z", *foods, meal_type=None, time_zone="Seoul", note="\x07"
    )

    with refused(InvalidMealDataError) as fields:
        log(draft)

    assert set(fields) == {
        "meal_type",
        "foods[0].name",
        "foods[0].portion_g",
        "foods[1].sodium_mg",
        "time_zone",
        "logged_at",
        "note",
    }
    assert fields["meal_type"] == "is required"
    assert fields["time_zone"] == "must be an IANA time zone"


def test_a_meal_eaten_in_the_repeated_hour_counts_once_for_that_date(log, build, clock):
    clock.set("2025-11-03T00:00:00Z")
    first = log(build.draft("2025-11-02T05:30:00Z"), "America/New_York")
    again = log(build.draft("2025-11-02T06:30:00Z"), "America/New_York")

    assert first.local_date == again.local_date == date(2025, 11, 2)
    assert again.logged_at - first.logged_at == timedelta(hours=1)
