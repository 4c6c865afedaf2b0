"""Every rule of a meal has its refusal, over REST and gRPC: all fields at once, nothing done."""

import math
from datetime import timedelta

import grpc
import pytest
from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2

from dietcare.v1 import meal_pb2

RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 2}
MEAL = {"meal_type": "lunch", "foods": [RICE]}
ID = "0" * 24


def rice(**changes):
    return {"foods": [{**RICE, **changes}]}


# What is changed of a valid meal, and the fields that are then refused.
REFUSED = [
    ({"foods": []}, ["foods"]),
    ({"foods": [RICE] * 51}, ["foods"]),
    (rice(name=""), ["foods[0].name"]),
    (rice(name=" \u3000"), ["foods[0].name"]),
    (rice(name="밥" * 201), ["foods[0].name"]),
    (rice(name="밥\u0000"), ["foods[0].name"]),
    (rice(name="밥\n"), []),  # white space around a name is not part of it
    (rice(name="a\u202eb"), ["foods[0].name"]),
    (rice(portion_g=0), ["foods[0].portion_g"]),
    (rice(portion_g=-1), ["foods[0].portion_g"]),
    (rice(portion_g=5_000.1), ["foods[0].portion_g"]),
    (rice(sodium_mg=-0.1), ["foods[0].sodium_mg"]),
    (rice(portion_g=10, sodium_mg=3_931), ["foods[0].sodium_mg"]),
    (rice(portion_g=10, potassium_mg=5_241), ["foods[0].potassium_mg"]),
    (rice(portion_g=10, phosphorus_mg=3_161), ["foods[0].phosphorus_mg"]),
    (rice(portion_g=10, protein_g=9.6), ["foods[0].protein_g"]),
    (rice(portion_g=10, protein_g=9, sodium_mg=2_000), ["foods[0]"]),
    ({"total_nutrients": {"sodium_mg": 3.1}}, ["total_nutrients.sodium_mg"]),
    ({"total_nutrients": {"sodium_mg": 2, "protein_g": 2}}, ["total_nutrients.protein_g"]),
    ({"note": "가" * 1_001}, ["note"]),
    ({"note": "a\u0000"}, ["note"]),
    ({"time_zone": "Asia/Nowhere"}, ["time_zone"]),
    ({"time_zone": ""}, ["time_zone"]),
    ({"time_zone": "../etc/passwd"}, ["time_zone"]),
    ({"logged_at": "1999-12-31T23:59:59.999Z"}, ["logged_at"]),
    ({"analysis_id": "nonsense"}, ["analysis_id"]),
    ({"analysis_id": ID}, ["analysis_id"]),
    (
        {
            "foods": [{**RICE, "name": ""}, {**RICE, "portion_g": 0, "sodium_mg": -1}],
            "note": "가" * 1_001,
            "time_zone": "Nowhere",
            "logged_at": "1999-01-01T00:00:00Z",
            "analysis_id": "nonsense",
        },
        [
            *("analysis_id", "foods[0].name", "foods[1].portion_g", "foods[1].sodium_mg"),
            *("logged_at", "note", "time_zone"),
        ],
    ),
    (
        {"foods": [], "analysis_id": ID, "time_zone": "Nowhere"},
        ["analysis_id", "foods", "time_zone"],
    ),
]
REFUSED = [(changed, fields) for changed, fields in REFUSED if fields]
IDS = [", ".join(fields) for _, fields in REFUSED]


def fields_of(answer):
    assert answer.status_code == 400, answer.text
    detail = answer.json()["detail"]
    assert detail["reason"] == "INVALID_MEAL_DATA"
    return sorted(each["field"] for each in detail["fields"])


def message_of(kind, body):
    translated = dict(body)
    if "meal_type" in translated:
        translated["meal_type"] = f"MEAL_TYPE_{translated['meal_type'].upper()}"
    return json_format.ParseDict(translated, kind())


async def fields_over_grpc(user, rpc, request):
    code, trailers = await user.call(rpc, request)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    bad = error_details_pb2.BadRequest()
    assert any(packed.Unpack(bad) for packed in status.details)
    return sorted(each.field for each in bad.field_violations)


async def change(user, meal, body):
    request = meal_pb2.UpdateMealRequest(meal_id=meal["id"])
    request.meal.CopyFrom(message_of(meal_pb2.Meal, body))
    request.update_mask.paths.extend(body)
    return await fields_over_grpc(user, "UpdateMeal", request)


@pytest.fixture(params=["memory"])
def storage(request):
    """Nothing is stored: one storage is enough."""
    return {}


async def test_no_meal_that_breaks_a_rule_is_logged(user):
    for changed, expected in REFUSED:
        answer = await user.send("POST", "/meals", MEAL | changed)
        assert fields_of(answer) == expected
        assert answer.headers["x-ratelimit-remaining"] == "50"
        request = message_of(meal_pb2.LogMealRequest, MEAL | changed)
        assert await fields_over_grpc(user, "LogMeal", request) == expected
    assert await user.listed() == []
    assert await user.left() == 50


async def test_no_change_that_breaks_a_rule_is_made(user):
    meal = await user.log()
    for changed, expected in REFUSED:
        answer = await user.send("PATCH", f"/meals/{meal['id']}", changed)
        # A total alone is held against the foods that are there.
        assert fields_of(answer) == expected or "total_nutrients" in changed
        assert await change(user, meal, changed) == fields_of(answer)
    assert await user.listed() == [meal]


async def test_what_a_meal_must_have_can_not_be_left_out_or_cleared(user):
    answer = await user.send("POST", "/meals", {})
    assert fields_of(answer) == ["foods", "meal_type"]
    request = meal_pb2.LogMealRequest(analysis_id="x")
    fields = await fields_over_grpc(user, "LogMeal", request)
    assert fields == ["analysis_id", "foods", "meal_type"]

    meal = await user.log()
    required = {"meal_type": None, "foods": None, "logged_at": None, "time_zone": None}
    answer = await user.send("PATCH", f"/meals/{meal['id']}", required)
    assert answer.status_code == 400
    answered = answer.json()["detail"]["fields"]
    assert sorted(each["field"] for each in answered) == sorted(required)
    request = meal_pb2.UpdateMealRequest(meal_id=meal["id"])
    request.update_mask.paths.extend(required)
    assert await fields_over_grpc(user, "UpdateMeal", request) == sorted(required)
    assert await user.listed() == [meal]


async def test_optional_fields_are_cleared_by_null(user):
    meal = await user.log()
    path = f"/meals/{meal['id']}"
    await user.send("PATCH", path, {"note": "a"})
    answer = await user.send("PATCH", path, {"note": None, "analysis_id": None})
    assert "note" not in answer.json()["meal"]


async def test_read_only_and_unknown_fields_of_a_change_are_named(user):
    meal = await user.log()
    request = meal_pb2.UpdateMealRequest(meal_id=meal["id"])
    request.update_mask.paths.extend(["id", "version", "local_date", "foods.name", "nonsense", "*"])
    fields = await fields_over_grpc(user, "UpdateMeal", request)
    assert fields == sorted(request.update_mask.paths)
    answer = await user.send("PATCH", f"/meals/{meal['id']}", {"version": 2, "foods": []})
    assert fields_of(answer) == ["foods", "version"]


async def test_the_future_begins_in_five_minutes(user):
    now = user.service.clock.now()
    for ahead, status in ((timedelta(minutes=5), 201), (timedelta(minutes=5, seconds=1), 400)):
        body = MEAL | {"logged_at": (now + ahead).isoformat()}
        answer = await user.send("POST", "/meals", body)
        assert answer.status_code == status, answer.text


async def test_what_only_grpc_can_say(user):
    for number in (math.nan, math.inf, -math.inf):
        request = message_of(meal_pb2.LogMealRequest, MEAL)
        request.foods[0].sodium_mg = number
        assert await fields_over_grpc(user, "LogMeal", request) == ["foods[0].sodium_mg"]
        request = message_of(meal_pb2.LogMealRequest, MEAL)
        request.total_nutrients.sodium_mg = number
        fields = await fields_over_grpc(user, "LogMeal", request)
        assert fields == ["total_nutrients.sodium_mg"]
        request = message_of(meal_pb2.LogMealRequest, MEAL)
        request.foods[0].portion_g = number
        assert await fields_over_grpc(user, "LogMeal", request) == ["foods[0].portion_g"]
    for seconds, nanos in ((10**12, 0), (-(10**12), 0), (0, 10**9), (0, -1)):
        request = message_of(meal_pb2.LogMealRequest, MEAL)
        request.logged_at.seconds, request.logged_at.nanos = seconds, nanos
        assert await fields_over_grpc(user, "LogMeal", request) == ["logged_at"]
    request = message_of(meal_pb2.LogMealRequest, MEAL)
    request.meal_type = 9
    assert await fields_over_grpc(user, "LogMeal", request) == ["meal_type"]
    assert await user.listed() == []


async def test_the_other_users_analysis_is_none(user, new_user):
    other = new_user()
    analysed = await other.send("POST", "/analyze", {"image_data": "YQ=="})
    analysis_id = analysed.json()["analysis"]["analysis_id"]
    answer = await user.send("POST", "/meals", MEAL | {"analysis_id": analysis_id})
    assert fields_of(answer) == ["analysis_id"]
    mine = await other.send("POST", "/meals", MEAL | {"analysis_id": analysis_id.upper()})
    assert mine.json()["meal"]["analysis_id"] == analysis_id


async def test_names_are_stored_in_one_form(user):
    decomposed = MEAL | rice(name=" 김치찌개 ")
    answer = await user.send("POST", "/meals", decomposed)
    assert answer.json()["meal"]["foods"][0]["name"] == "김치찌개"


LISTS = [
    ({"start_date": "2025-13-01"}, ["start_date"]),
    ({"start_date": "20251127"}, ["start_date"]),
    ({"start_date": "2025-11-27T09:00:00"}, ["start_date"]),
    ({"start_date": "2025-11-27T09Z"}, ["start_date"]),
    ({"start_date": "2025-W48-4T09:00:00Z"}, ["start_date"]),
    ({"start_date": "20251127T090000Z"}, ["start_date"]),
    ({"end_date": "2025-02-30"}, ["end_date"]),
    ({"start_date": "2025-11-27", "end_date": "2025-11-26"}, ["end_date"]),
    ({"start_date": "2025-11-27", "end_date": "2025-11-27T09:00:00Z"}, ["end_date"]),
    ({"page": 0}, ["page"]),
    ({"page": -1}, ["page"]),
    ({"page_size": 0}, ["page_size"]),
    ({"page_size": 101}, ["page_size"]),
    ({"page": 0, "page_size": 101, "start_date": "x"}, ["page", "page_size", "start_date"]),
]


@pytest.mark.parametrize(("query", "expected"), LISTS, ids=str)
async def test_a_malformed_list_is_refused(user, query, expected):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    answer = await user.send("GET", f"/meals?{text}")
    assert answer.status_code == 400, answer.text
    assert sorted(each["field"] for each in answer.json()["detail"]["fields"]) == expected
    request = json_format.ParseDict(query, meal_pb2.ListMealsRequest())
    assert await fields_over_grpc(user, "ListMeals", request) == expected


@pytest.mark.parametrize(
    "bounds",
    [
        ("2025-11-27", "2025-11-27"),
        ("2025-11-27T09:00:00Z", "2025-11-27T18:00:00.123456789%2B09:00"),
        ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"),
    ],
)
async def test_any_well_formed_range_is_answered(user, bounds):
    answer = await user.send("GET", f"/meals?start_date={bounds[0]}&end_date={bounds[1]}")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("meal_id", ["0", "z" * 24, "0" * 25, "%00"])
async def test_what_is_no_id_is_400_and_not_404(user, meal_id):
    for method, body in (("GET", None), ("PATCH", {"note": "a"}), ("DELETE", None)):
        answer = await user.send(method, f"/meals/{meal_id}", body)
        assert answer.status_code == 400, answer.text
    assert (await user.send("GET", f"/meals/{ID}")).status_code == 404
