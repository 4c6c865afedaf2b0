"""What is just within the rules of a meal, and what becomes of it."""

from datetime import timedelta

import pytest

MEAL = {"meal_type": "lunch", "foods": [{"name": "현미밥", "portion_g": 210, "sodium_mg": 2}]}


@pytest.fixture(params=["memory"])
def storage(request):
    """Rules know nothing of storage: one is enough."""
    return {}


async def test_optional_fields_are_cleared_by_null(user):
    meal = await user.log()
    path = f"/meals/{meal['id']}"
    await user.send("PATCH", path, {"note": "a"})
    answer = await user.send("PATCH", path, {"note": None, "analysis_id": None})
    assert "note" not in answer.json()["meal"]


async def test_a_clock_may_be_5_minutes_ahead(user):
    ahead = user.service.clock.now() + timedelta(minutes=5)
    answer = await user.send("POST", "/meals", MEAL | {"logged_at": ahead.isoformat()})
    assert answer.status_code == 201, answer.text


async def test_an_analysis_is_named_in_any_case(user):
    analysed = await user.send("POST", "/analyze", {"image_data": "YQ=="})
    analysis_id = analysed.json()["analysis"]["analysis_id"]
    answer = await user.send("POST", "/meals", MEAL | {"analysis_id": analysis_id.upper()})
    assert answer.json()["meal"]["analysis_id"] == analysis_id


async def test_names_are_stored_in_one_form(user):
    decomposed = {
        "name": " \u1100\u1175\u11b7\u110e\u1175\u110d\u1175\u1100\u1162 ",
        "portion_g": 1,
    }
    answer = await user.send("POST", "/meals", MEAL | {"foods": [decomposed]})
    assert answer.json()["meal"]["foods"][0]["name"] == "김치찌개"


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
