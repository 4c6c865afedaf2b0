"""Meals between the contract's messages and the domain, both ways."""

from dataclasses import replace

import pytest

from dietcare.api.converters import meals
from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.meal import MealDraft, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.warning import Warning
from dietcare.errors import InvalidMealDataError, Violation
from dietcare.messages import Language, text
from dietcare.v1 import food_pb2, meal_pb2, nutrients_pb2

EN = Language.EN


def no_more(_: object) -> list[Violation]:
    """Finds no broken rule: what is malformed is all that these tests are about."""
    return []


def draft_of(message: meal_pb2.LogMealRequest) -> MealDraft:
    return meals.draft_of(message, no_more)


def stamp(build, at: str):
    from google.protobuf.timestamp_pb2 import Timestamp

    found = Timestamp()
    found.FromDatetime(build.instant(at))
    return found


def test_a_draft_is_read_whole(build):
    message = meal_pb2.LogMealRequest(
        meal_type=meal_pb2.MEAL_TYPE_SNACK,
        foods=[food_pb2.Food(name="현미밥", portion_g=210, sodium_mg=0)],
        total_nutrients=nutrients_pb2.Nutrients(sodium_mg=0),
        logged_at=stamp(build, "2025-11-27T09:30:00.125Z"),
        analysis_id="A" * 24,
        note="",
        time_zone="Asia/Tokyo",
    )

    draft = draft_of(message)

    assert draft.meal_type is MealType.SNACK
    assert draft.foods == (Food("현미밥", 210, Nutrients(sodium_mg=0)),)
    assert draft.total_nutrients == Nutrients(sodium_mg=0)
    assert draft.logged_at == build.instant("2025-11-27T09:30:00.125Z")
    assert (draft.analysis_id, draft.note, draft.time_zone) == ("a" * 24, "", "Asia/Tokyo")


def test_what_a_client_does_not_say_is_absent():
    draft = draft_of(meal_pb2.LogMealRequest())

    assert (draft.meal_type, draft.foods, draft.total_nutrients) == (None, (), None)
    assert (draft.logged_at, draft.analysis_id, draft.note, draft.time_zone) == (None,) * 4


def test_what_only_the_server_says_of_a_food_is_ignored():
    message = food_pb2.Food(
        name="밥",
        portion_g=1,
        confidence=food_pb2.CONFIDENCE_HIGH,
        nutrient_source=food_pb2.NUTRIENT_SOURCE_TABLE,
        food_code="D101",
        warnings=[nutrients_pb2.Warning(code="X")],
    )

    draft = draft_of(meal_pb2.LogMealRequest(foods=[message]))

    assert draft.foods == (Food("밥", 1),)


def test_every_malformed_field_of_a_draft_is_named_at_once(refused):
    message = meal_pb2.LogMealRequest(meal_type=99, analysis_id="")
    message.logged_at.seconds = 10**14

    with refused(InvalidMealDataError) as fields:
        draft_of(message)

    assert fields == {
        "meal_type": "must be one of: breakfast, lunch, dinner, snack",
        "analysis_id": "must be 24 hexadecimal digits",
        "logged_at": "must be an RFC 3339 instant with an offset",
    }


def test_what_breaks_a_rule_is_named_beside_what_is_malformed_each_field_once(refused, services):
    message = meal_pb2.LogMealRequest(meal_type=99, foods=[food_pb2.Food(name="밥")])

    with refused(InvalidMealDataError) as fields:
        meals.draft_of(message, services.meals.draft_violations)
    assert set(fields) == {"meal_type", "foods[0].portion_g"}
    assert fields["meal_type"].startswith("must be one of")

    request = meal_pb2.UpdateMealRequest(meal_id="0" * 24, meal=meal_pb2.Meal(note="\x07"))
    request.update_mask.paths.extend(["id", "note"])
    with refused(InvalidMealDataError) as fields:
        meals.change_of(request, services.meals.change_violations)
    assert set(fields) == {"id", "note"}


def test_a_meal_is_written_whole_and_its_foods_are_read_back(build):
    rice = Food(
        "현미밥",
        210,
        Nutrients(2, 5.2, None, 0),
        Confidence.MEDIUM,
        NutrientSource.MODEL,
        "D101",
        (Warning("W", "foods[0]", text("field.required")),),
    )
    meal = replace(build.meal("2025-11-27", rice), note="남김", analysis_id="a" * 24, version=3)

    message = meals.to_meal(meal, EN)

    assert (message.id, message.user_id) == (meal.id, meal.user_id)
    assert message.meal_type == meal_pb2.MEAL_TYPE_LUNCH
    assert (message.local_date, message.time_zone) == ("2025-11-27", "Asia/Seoul")
    assert (message.note, message.analysis_id, message.version) == ("남김", "a" * 24, 3)
    assert message.logged_at.ToJsonString() == "2025-11-27T03:00:00Z"
    (food,) = message.foods
    assert not food.HasField("potassium_mg")
    assert (food.HasField("phosphorus_mg"), food.phosphorus_mg) == (True, 0)
    assert food.confidence == food_pb2.CONFIDENCE_MEDIUM
    assert food.nutrient_source == food_pb2.NUTRIENT_SOURCE_MODEL
    assert (food.food_code, food.warnings[0].message) == ("D101", "is required")
    assert message.coverage.potassium_mg == 0
    assert not message.coverage.HasField("sodium_mg")
    again = draft_of(meal_pb2.LogMealRequest(foods=message.foods))
    assert again.foods == (Food("현미밥", 210, Nutrients(2, 5.2, None, 0)),)


def test_an_absent_optional_field_is_left_out(build):
    message = meals.to_meal(build.meal("2025-11-27"), EN)

    assert not any(message.HasField(name) for name in ("note", "analysis_id", "coverage"))


def change(*paths: str, **fields):
    request = meal_pb2.UpdateMealRequest(meal_id="0" * 24, meal=meal_pb2.Meal(**fields))
    request.update_mask.paths.extend(paths)
    return meals.change_of(request, no_more)


def test_a_change_names_the_fields_of_its_mask():
    made = change("note", "meal_type", "time_zone", note="x", meal_type=1, time_zone="UTC")

    assert made.fields == {"note", "meal_type", "time_zone"}
    assert (made.values.note, made.values.meal_type) == ("x", MealType.BREAKFAST)
    assert made.values.time_zone == "UTC"


def test_a_field_that_is_named_but_absent_is_cleared():
    made = change("note", "analysis_id", "logged_at", "total_nutrients", "time_zone")

    values = made.values
    assert (values.note, values.analysis_id, values.logged_at) == (None, None, None)
    assert (values.total_nutrients, values.time_zone) == (None, None)


def test_read_only_and_unknown_fields_are_refused_all_at_once(refused):
    read_only = ("id", "user_id", "created_at", "updated_at", "local_date", "version", "coverage")

    with refused(InvalidMealDataError) as fields:
        change(*read_only, "foods.name", "calories", "note")

    assert fields == dict.fromkeys(read_only, "can not be changed") | dict.fromkeys(
        ("foods.name", "calories"), "is not a field of a meal"
    )


@pytest.mark.parametrize("value", ["", "x", "g" * 24])
def test_a_meal_has_an_id(refused, value):
    with refused() as fields:
        meals.meal_id_of(value)
    assert fields == {"meal_id": "must be 24 hexadecimal digits"}

    assert meals.meal_id_of("A" * 24) == "a" * 24
