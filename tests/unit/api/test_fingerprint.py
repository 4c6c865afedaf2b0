"""Which requests mean the same."""

import pytest

from dietcare.api.converters.fingerprint import IGNORED, fingerprint_of
from dietcare.v1 import analysis_pb2, food_pb2, meal_pb2, nutrients_pb2

ID = "507f1f77bcf86cd799439011"
RICE = food_pb2.Food(name="현미밥", portion_g=210, sodium_mg=2)


def logged(**changes):
    request = meal_pb2.LogMealRequest(meal_type=meal_pb2.MEAL_TYPE_LUNCH, foods=[RICE])
    request.MergeFrom(meal_pb2.LogMealRequest(**changes))
    return request


def updated(*paths, **meal):
    request = meal_pb2.UpdateMealRequest(meal_id=ID, meal=meal_pb2.Meal(**meal))
    request.update_mask.paths.extend(paths)
    return request


def same(one, other):
    return fingerprint_of(one) == fingerprint_of(other)


def test_what_only_the_server_says_of_a_food_is_ignored():
    assert IGNORED == ("confidence", "nutrient_source", "food_code", "warnings")
    seen = food_pb2.Food(
        confidence=food_pb2.CONFIDENCE_HIGH,
        food_code="D1",
        warnings=[nutrients_pb2.Warning(code="A")],
    )
    seen.MergeFrom(RICE)
    one = meal_pb2.LogMealRequest(meal_type=meal_pb2.MEAL_TYPE_LUNCH, foods=[seen])
    assert same(one, logged())
    assert same(updated("foods", foods=[seen]), updated("foods", foods=[RICE]))


def test_whose_it_is_is_not_part_of_the_meaning_named_or_not():
    assert same(logged(user_id=ID), logged())


def test_ids_mean_the_same_in_either_case():
    assert same(logged(analysis_id=ID.upper()), logged(analysis_id=ID))
    one, other = updated("note", note="a"), updated("note", note="a")
    one.meal_id = ID.upper()
    assert same(one, other)


def test_the_mask_is_a_set_and_the_rest_of_the_meal_is_not_looked_at():
    one = updated("note", "meal_type", "note", note="a", meal_type=1)
    assert same(one, updated("meal_type", "note", note="a", meal_type=1))
    assert same(updated("note", note="a", time_zone="Asia/Seoul"), updated("note", note="a"))
    assert not same(updated("note"), updated())


def test_fields_that_this_server_does_not_know_are_not_looked_at():
    newer = meal_pb2.LogMealRequest.FromString(logged().SerializeToString() + b"\xf8\x06\x01")
    assert same(newer, logged())


@pytest.mark.parametrize(
    "changed",
    [
        logged(note=""),
        logged(note="a"),
        logged(time_zone="Asia/Seoul"),
        logged(foods=[RICE]),
        logged(analysis_id=ID),
        logged(total_nutrients=nutrients_pb2.Nutrients()),
    ],
    ids=lambda request: str(request)[-30:],
)
def test_any_other_difference_is_one(changed):
    assert not same(changed, logged())


def test_the_order_of_foods_is_part_of_the_meaning():
    soup = food_pb2.Food(name="미역국", portion_g=300)
    assert not same(logged(foods=[soup, RICE]), logged(foods=[RICE, soup]))


def test_a_picture_is_known_by_its_bytes():
    request = analysis_pb2.AnalyzeFoodRequest
    assert same(request(image_data=b"a", user_id=ID), request(image_data=b"a"))
    assert not same(request(image_data=b"a"), request(image_data=b"b"))
    assert not same(request(image_data=b"a"), request(image_url="a"))


def test_the_request_itself_stays_as_it_is():
    request = logged(user_id=ID, analysis_id=ID.upper())
    before = request.SerializeToString()
    fingerprint_of(request)
    assert request.SerializeToString() == before
