"""Sections 4.1 to 4.7 of the architecture are law: its own examples, at its own times.

The bodies are copied from the document; only ids are other ones, and spec §8 adds names.
"""

import re
from datetime import date, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dietcare.v1 import meal_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

ID = re.compile("[0-9a-f]{24}")
REQUEST_ID = re.compile(r"req_[A-Za-z0-9._-]+")
TEXT = re.compile(".+", re.DOTALL)
JSON = "application/json"

BROWN_RICE = {
    "name": "현미밥",
    "portion_g": 210,
    "sodium_mg": 2,
    "protein_g": 5.2,
    "potassium_mg": 157,
    "phosphorus_mg": 189,
}
ITS_NUTRIENTS = {
    "sodium_mg": 2,
    "protein_g": 5.2,
    "potassium_mg": 157,
    "phosphorus_mg": 189,
}
# The same portion by the composition table, whatever the model claims of it.
BY_THE_TABLE = {
    "sodium_mg": 4.2,
    "protein_g": 6.51,
    "potassium_mg": 86.1,
    "phosphorus_mg": 119.7,
}
STAGE_3 = {"sodium_mg": 2000, "protein_g": 50, "potassium_mg": 2000, "phosphorus_mg": 800}


def is_json(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == JSON
    assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])


def is_limited(answer, limit, remaining):
    assert answer.headers["x-ratelimit-limit"] == str(limit)
    assert answer.headers["x-ratelimit-remaining"] == str(remaining)
    assert re.fullmatch("[0-9]{10}", answer.headers["x-ratelimit-reset"])


@pytest.fixture
def log_days(patient):
    """Logs a meal at 09:30Z on each date, over gRPC, which is quicker."""

    async def log(days):
        for day in days:
            stamp = Timestamp()
            stamp.FromJsonString(f"{day.isoformat()}T09:30:00Z")
            request = meal_pb2.LogMealRequest(
                meal_type=meal_pb2.MEAL_TYPE_BREAKFAST, foods=[BROWN_RICE], logged_at=stamp
            )
            await patient.call("LogMeal", request)

    return log


def run(last, days):
    """`days` dates in a row that end on `last`."""
    newest = date.fromisoformat(last)
    return [newest - timedelta(days=back) for back in reversed(range(days))]


# 4.1 POST /api/diet/analyze


@pytest.fixture
def the_model_sees_brown_rice(monkeypatch):
    """The simulator answers with the document's example, over HTTP as ever."""
    food = {
        "name_ko": "현미밥",
        "name_en": "Cooked brown rice",
        "portion_low_g": 200,
        "portion_likely_g": 210,
        "portion_high_g": 220,
        **ITS_NUTRIENTS,
    }
    monkeypatch.setattr(
        "dietcare.local.simulator_app.answer", lambda request: {"is_food": True, "foods": [food]}
    )


@pytest.mark.usefixtures("the_model_sees_brown_rice")
async def test_4_1_an_analysis(patient, photo, json_of, assert_holds):
    files = {"image_data": _base64(photo("bibimbap")), "user_id": patient.id}

    answer = await patient.post("/analyze", files)

    is_json(answer, 200)
    is_limited(answer, 10, 9)
    body = json_of(answer.content)
    assert list(body) == ["success", "analysis"]
    assert_holds(
        body,
        {
            "success": True,
            "analysis": {
                "foods": [
                    {
                        **BROWN_RICE,
                        **BY_THE_TABLE,
                        "nutrient_source": "table",
                        "food_code": "D101-050000000-0001",
                        "confidence": "high",
                        "warnings": [],
                    }
                ],
                "total_nutrients": BY_THE_TABLE,
                "analysis_id": ID,
                "remaining_analyses": 9,
                "model": "simulated",
                "cached": False,
                "warnings": [{"code": TEXT, "field": TEXT, "message": TEXT}],
            },
        },
    )
    assert "coverage" not in body["analysis"]
    # Numbers are written as the document writes them, and Korean as it is.
    for written in ('"현미밥"', '"portion_g":210,', '"sodium_mg":4.2,', '"protein_g":6.51,'):
        assert written in answer.text


def _base64(data):
    import base64

    return base64.b64encode(data).decode()


# 4.2 POST /api/diet/meals


async def test_4_2_a_logged_meal(patient, log_days, at, json_of, assert_holds):
    at("2025-11-27T09:35:00Z")
    await log_days([*run("2025-11-11", 12), *run("2025-11-26", 4)])

    answer = await patient.post(
        "/meals",
        {
            "user_id": patient.id,
            "meal_type": "breakfast",
            "foods": [BROWN_RICE],
            "total_nutrients": ITS_NUTRIENTS,
            "logged_at": "2025-11-27T09:30:00Z",
        },
    )

    is_json(answer, 201)
    is_limited(answer, 50, 33)
    body = json_of(answer.content)
    assert list(body) == ["success", "meal", "streak"]
    assert_holds(
        body,
        {
            "success": True,
            "meal": {
                "id": ID,
                "user_id": patient.id,
                "meal_type": "breakfast",
                "foods": [BROWN_RICE],
                "total_nutrients": ITS_NUTRIENTS,
                "logged_at": "2025-11-27T09:30:00Z",
                "created_at": "2025-11-27T09:35:00Z",
            },
            "streak": {"current": 5, "longest": 12},
        },
    )
    assert body["streak"] == {"current": 5, "longest": 12}
    for written in ('"현미밥"', '"sodium_mg":2,', '"logged_at":"2025-11-27T09:30:00Z"'):
        assert written in answer.text


async def test_4_2_milliseconds_are_written_only_where_they_are_not_zero(patient, at):
    at("2025-11-27T09:35:00.120Z")
    meal = {"meal_type": "lunch", "foods": [BROWN_RICE], "logged_at": "2025-11-27T18:30:00.5+09:00"}

    answer = await patient.post("/meals", meal)

    assert answer.json()["meal"]["created_at"] == "2025-11-27T09:35:00.120Z"
    assert answer.json()["meal"]["logged_at"] == "2025-11-27T09:30:00.500Z"


# 4.3 GET /api/diet/meals


async def test_4_3_the_history(patient, log_days, at, json_of, assert_holds):
    at("2025-11-27T09:35:00Z")
    await log_days(run("2025-11-27", 45))

    answer = await patient.get("/meals", user_id=patient.id)

    is_json(answer, 200)
    body = json_of(answer.content)
    assert list(body) == ["success", "meals", "pagination"]
    assert body["success"] is True
    assert len(body["meals"]) == 20
    assert_holds(
        body["meals"][0],
        {
            "id": ID,
            "meal_type": "breakfast",
            "foods": [BROWN_RICE],
            "total_nutrients": ITS_NUTRIENTS,
            "logged_at": "2025-11-27T09:30:00Z",
        },
    )
    assert_holds(body["pagination"], {"page": 1, "page_size": 20, "total": 45, "total_pages": 3})


async def test_4_3_dates_and_type_narrow_the_history_and_pages_cut_it(patient, log_days, at):
    at("2025-11-27T09:35:00Z")
    await log_days(run("2025-11-27", 6))
    lunch = {"meal_type": "lunch", "foods": [BROWN_RICE], "logged_at": "2025-11-25T03:00:00Z"}
    assert (await patient.post("/meals", lunch)).status_code == 201

    async def dates(**query):
        answer = await patient.get("/meals", user_id=patient.id, **query)
        assert answer.status_code == 200, answer.text
        return [meal["local_date"][-2:] for meal in answer.json()["meals"]]

    assert await dates(start_date="2025-11-25") == ["27", "26", "25", "25"]
    assert await dates(start_date="2025-11-23", end_date="2025-11-24") == ["24", "23"]
    assert await dates(end_date="2025-11-22") == ["22"]
    assert await dates(meal_type="lunch") == ["25"]
    assert await dates(meal_type="dinner") == []
    assert await dates(page=2, page_size=3) == ["25", "24", "23"]
    assert await dates(page=3, page_size=3) == ["22"]
    assert await dates(page=4, page_size=3) == []
    instants = {"start_date": "2025-11-25T09:30:00Z", "end_date": "2025-11-26T18:30:00+09:00"}
    assert await dates(**instants) == ["26", "25"]


async def test_4_3_a_history_without_meals_has_no_pages(patient, assert_holds):
    answer = await patient.get("/meals")

    assert answer.json()["meals"] == []
    assert_holds(answer.json()["pagination"], {"page": 1, "total": 0, "total_pages": 0})


# 4.4 GET /api/diet/goals, 4.5 PUT /api/diet/goals


async def test_4_4_and_4_5_goals(patient, at, json_of, assert_holds):
    sent = {"user_id": patient.id, **STAGE_3, "ckd_stage": "3"}
    goals = {"id": ID, "user_id": patient.id, **STAGE_3, "ckd_stage": "3"}

    at("2025-11-20T10:00:00Z")
    answer = await patient.put("/goals", sent)
    is_json(answer, 200)
    is_limited(answer, 10, 9)
    goal_id = answer.json()["goals"]["id"]

    at("2025-11-27T09:00:00Z")
    answer = await patient.get("/goals", user_id=patient.id)
    is_json(answer, 200)
    body = json_of(answer.content)
    assert list(body) == ["success", "goals"]
    assert_holds(body, {"success": True, "goals": {**goals, "updated_at": "2025-11-20T10:00:00Z"}})
    assert '"protein_g":50,' in answer.text

    at("2025-11-27T10:00:00Z")
    answer = await patient.put("/goals", sent)
    is_json(answer, 200)
    body = json_of(answer.content)
    assert list(body) == ["success", "goals"]
    assert_holds(body, {"success": True, "goals": {**goals, "updated_at": "2025-11-27T10:00:00Z"}})
    assert body["goals"]["id"] == goal_id


# 4.6 GET /api/diet/progress

EATEN = {"sodium_mg": 1850, "protein_g": 45, "potassium_mg": 1750, "phosphorus_mg": 720}
BREAKFAST = {
    "name": "된장찌개",
    "portion_g": 400,
    "sodium_mg": 1250.5,
    "protein_g": 20.5,
    "potassium_mg": 750,
    "phosphorus_mg": 320,
}
DINNER = {
    "name": "갈비탕",
    "portion_g": 600,
    "sodium_mg": 599.5,
    "protein_g": 24.5,
    "potassium_mg": 1000,
    "phosphorus_mg": 400,
}


async def test_4_6_progress(patient, at, json_of, assert_holds):
    at("2025-11-27T12:00:00Z")
    await patient.put("/goals", {"ckd_stage": "3"})
    for food in (BREAKFAST, DINNER):
        answer = await patient.post("/meals", {"meal_type": "dinner", "foods": [food]})
        assert answer.status_code == 201, answer.text

    answer = await patient.get("/progress", user_id=patient.id, date="2025-11-27")

    is_json(answer, 200)
    body = json_of(answer.content)
    assert list(body) == ["success", "progress"]
    assert_holds(
        body,
        {
            "success": True,
            "progress": {
                "date": "2025-11-27",
                "period": "daily",
                "consumed": EATEN,
                "goals": STAGE_3,
                "adherence": {
                    "sodium_mg": 92.5,
                    "protein_g": 90.0,
                    "potassium_mg": 87.5,
                    "phosphorus_mg": 90.0,
                },
                "violations": [],
            },
        },
    )
    assert '"sodium_mg":92.5,"protein_g":90,' in answer.text
    assert '"violations":[]' in answer.text


async def test_4_6_weekly_progress(patient, at, json_of, assert_holds):
    at("2025-11-27T12:00:00Z")
    await patient.put("/goals", {"ckd_stage": "3"})
    for day, food in (("26", BREAKFAST), ("27", DINNER)):
        meal = {"meal_type": "dinner", "foods": [food], "logged_at": f"2025-11-{day}T09:30:00Z"}
        assert (await patient.post("/meals", meal)).status_code == 201

    answer = await patient.get("/progress", date="2025-11-27", period="weekly")

    body = json_of(answer.content)
    nothing = {"sodium_mg": 0, "protein_g": 0, "potassium_mg": 0, "phosphorus_mg": 0}
    average = {"sodium_mg": 925, "protein_g": 22.5, "potassium_mg": 875, "phosphorus_mg": 360}
    assert_holds(
        body["progress"],
        {
            "date": "2025-11-27",
            "period": "weekly",
            "start_date": "2025-11-21",
            "end_date": "2025-11-27",
            "consumed": EATEN,
            "goals": {
                "sodium_mg": 14000,
                "protein_g": 350,
                "potassium_mg": 14000,
                "phosphorus_mg": 5600,
            },
            "adherence": {
                "sodium_mg": 13.2,
                "protein_g": 12.9,
                "potassium_mg": 12.5,
                "phosphorus_mg": 12.9,
            },
            "violations": [],
            "days_logged": 2,
            "daily_average": average,
            "trend": {name: {"direction": "up"} for name in STAGE_3},
        },
    )
    days = body["progress"]["days"]
    assert [each["date"] for each in days] == [f"2025-11-{day}" for day in range(21, 28)]
    assert [each["meals_logged"] for each in days] == [0, 0, 0, 0, 0, 1, 1]
    assert_holds(
        days[0], {"consumed": nothing, "goals": STAGE_3, "adherence": nothing, "violations": []}
    )
    assert_holds(days[5], {"consumed": _nutrients(BREAKFAST), "goals": STAGE_3})
    # The week before is empty: there is a direction, but no percentage.
    assert all("percent" not in trend for trend in body["progress"]["trend"].values())


def _nutrients(food):
    return {name: food[name] for name in STAGE_3}


# 4.7 GET /api/diet/streak


async def test_4_7_the_streak(patient, log_days, at, json_of):
    at("2025-11-27T09:35:00Z")
    await log_days([*run("2025-09-25", 28)[::2], *run("2025-10-20", 12), *run("2025-11-10", 11)])
    await log_days([date(2025, 11, 13), date(2025, 11, 15), date(2025, 11, 17)])
    await log_days(run("2025-11-27", 5))

    answer = await patient.get("/streak", user_id=patient.id)

    is_json(answer, 200)
    assert json_of(answer.content) == {
        "success": True,
        "streak": {
            "current_streak": 5,
            "longest_streak": 12,
            "last_logged_date": "2025-11-27",
            "total_days_logged": 45,
        },
    }


# What §8 of the specification shows beside the seed.


async def test_8_the_quota(patient, at, json_of):
    at("2025-11-27T10:00:00Z")
    await patient.put("/goals", {"ckd_stage": "3"})

    answer = await patient.get("/quota")

    is_json(answer, 200)
    assert json_of(answer.content) == {
        "success": True,
        "quota": {
            "analyses": {"limit": 10, "remaining": 10, "reset_at": "2025-11-27T11:00:00Z"},
            "meals": {"limit": 50, "remaining": 50, "reset_at": "2025-11-28T00:00:00Z"},
            "goal_updates": {"limit": 10, "remaining": 9, "reset_at": "2025-11-28T00:00:00Z"},
        },
    }


async def test_8_one_meal_read_changed_and_deleted(patient, at, json_of, assert_holds):
    at("2025-11-27T09:35:00Z")
    meal = {"meal_type": "lunch", "foods": [BROWN_RICE], "note": "싱겁게"}
    logged = (await patient.post("/meals", meal)).json()["meal"]

    answer = await patient.get(f"/meals/{logged['id']}")
    is_json(answer, 200)
    assert json_of(answer.content) == {"success": True, "meal": logged}

    at("2025-11-27T09:40:00Z")
    change = {"foods": [{**BROWN_RICE, "sodium_mg": 4}, {"name": "물", "portion_g": 200}]}
    answer = await patient.request("PATCH", f"/meals/{logged['id']}", json=change)
    is_json(answer, 200)
    body = json_of(answer.content)
    assert list(body) == ["success", "meal", "streak"]
    assert_holds(
        body,
        {
            "success": True,
            "meal": {
                "id": logged["id"],
                "meal_type": "lunch",
                "total_nutrients": {**ITS_NUTRIENTS, "sodium_mg": 4},
                "coverage": dict.fromkeys(STAGE_3, 0.5),
                "note": "싱겁게",
                "version": 2,
                "created_at": "2025-11-27T09:35:00Z",
                "updated_at": "2025-11-27T09:40:00Z",
            },
            "streak": {"current": 1, "longest": 1},
        },
    )
    assert "sodium_mg" not in body["meal"]["foods"][1]  # unknown, never 0

    answer = await patient.request("PATCH", f"/meals/{logged['id']}", json={"note": None})
    assert "note" not in answer.json()["meal"]

    answer = await patient.request("DELETE", f"/meals/{logged['id']}")
    is_json(answer, 200)
    assert json_of(answer.content) == {
        "success": True,
        "meal_id": logged["id"],
        "streak": {"current": 0, "longest": 0},
    }


async def test_8_the_defaults_of_every_stage(patient, json_of):
    answer = await patient.get("/goals/defaults")

    is_json(answer, 200)
    table = [
        (
            each["ckd_stage"],
            each["dialysis"],
            *(each[name] for name in STAGE_3),
        )
        for each in json_of(answer.content)["defaults"]
    ]
    assert table == [
        ("1", "none", 2000, 60, 3500, 1000),
        ("2", "none", 2000, 60, 3000, 1000),
        ("3", "none", 2000, 50, 2000, 800),
        ("4", "none", 2000, 50, 2000, 800),
        ("5", "none", 2000, 50, 2000, 800),
        ("5", "hemodialysis", 2000, 70, 2000, 1000),
        ("5", "peritoneal", 2000, 75, 3000, 1000),
    ]
    assert all("KDIGO 2024" in each["reference"] for each in answer.json()["defaults"])


async def test_8_an_export_is_one_record_a_line_and_erasing_counts_them(patient, at, json_of):
    at("2025-11-27T09:35:00Z")
    await patient.put("/goals", {"ckd_stage": "3"})
    logged = await patient.post("/meals", {"meal_type": "lunch", "foods": [BROWN_RICE]})

    answer = await patient.get(f"/users/{patient.id}/export")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    records = [json_of(line) for line in answer.content.splitlines()]
    assert [record["type"] for record in records] == ["goals", "streak", "meal"]
    assert records[2] == {"type": "meal", "meal": logged.json()["meal"]}

    answer = await patient.request("DELETE", f"/users/{patient.id}")
    is_json(answer, 200)
    assert json_of(answer.content) == {
        "success": True,
        "erased": {"meals": 1, "analyses": 0, "goals": 1, "sessions": 0, "streaks": 1},
    }
    assert await patient.meals_logged() == 0
    assert (await patient.get("/goals")).status_code == 404
    # The limits of the running window stay.
    assert (await patient.remaining())["meals"] == 49
