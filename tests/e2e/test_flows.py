"""The three flows of the architecture's section 11.3, over REST and over gRPC."""

import base64

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dietcare.v1 import analysis_pb2, goal_pb2, meal_pb2, progress_pb2, streak_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOON_IN_SEOUL = "2025-11-27T03:00:00Z"

# A serving of each sample, by the rows of the composition table (MFDS).
BIBIMBAP = {"sodium_mg": 1426.5, "protein_g": 20.115, "potassium_mg": 594, "phosphorus_mg": 283.5}
KIMCHI_STEW = {"sodium_mg": 1964, "protein_g": 15.08, "potassium_mg": 640, "phosphorus_mg": 212}
GRILLED_FISH = {"sodium_mg": 252, "protein_g": 46.76, "potassium_mg": 660, "phosphorus_mg": 612}
RICE_AND_SOUP = {
    "sodium_mg": 672,
    "protein_g": 9.656,
    "potassium_mg": 378.6,
    "phosphorus_mg": 114.8,
}

# sodium mg, protein g, potassium mg, phosphorus mg: 3,666 mg, 30.3 g, 1,114 mg, 651 mg together.
RICE = ("현미밥", 210, 2, 5.2, 157, 189)
NOODLES = ("라면", 550, 1700, 10, 317, 250)
STEW = ("김치찌개", 400, 1964, 15.1, 640, 212)


def food(name, portion_g, sodium_mg, protein_g, potassium_mg, phosphorus_mg):
    return {
        "name": name,
        "portion_g": portion_g,
        "sodium_mg": sodium_mg,
        "protein_g": protein_g,
        "potassium_mg": potassium_mg,
        "phosphorus_mg": phosphorus_mg,
    }


def instant(text):
    stamp = Timestamp()
    stamp.FromJsonString(text)
    return stamp


def amounts(message):
    """The four nutrients of a message, as JSON has them."""
    names = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
    return {name: getattr(message, name) for name in names}


# 1. Analyze food image → log meal → check progress.


@pytest.mark.parametrize(
    ("picture", "sent_as", "names", "portions", "eaten", "adherence"),
    [
        (
            "bibimbap",
            "image_data",
            ["비빔밥"],
            [450],
            BIBIMBAP,
            {"sodium_mg": 71.3, "protein_g": 40.2, "potassium_mg": 29.7, "phosphorus_mg": 35.4},
        ),
        (
            "kimchi_stew",
            "image_url",
            ["김치찌개"],
            [400],
            KIMCHI_STEW,
            {"sodium_mg": 98.2, "protein_g": 30.2, "potassium_mg": 32, "phosphorus_mg": 26.5},
        ),
    ],
)
async def test_rest_a_photo_is_analysed_and_logged_verbatim_and_progress_shows_it(
    picture, sent_as, names, portions, eaten, adherence, patient, service, photo, at, assert_holds
):
    at(NOON_IN_SEOUL)
    image = (
        base64.b64encode(photo(picture)).decode()
        if sent_as == "image_data"
        else f"http://{service.addresses.http}/samples/{picture}.jpg"
    )

    answer = await patient.post("/analyze", {sent_as: image})

    assert answer.status_code == 200, answer.text
    analysis = answer.json()["analysis"]
    assert [each["name"] for each in analysis["foods"]] == names
    assert [each["portion_g"] for each in analysis["foods"]] == portions
    assert_holds(
        analysis,
        {
            "total_nutrients": eaten,
            "remaining_analyses": 9,
            "model": "simulated",
            "cached": False,
        },
    )

    # A client changes nothing of it: foods and totals go back as they came.
    meal = {
        "meal_type": "lunch",
        "foods": analysis["foods"],
        "total_nutrients": analysis["total_nutrients"],
        "analysis_id": analysis["analysis_id"],
    }
    answer = await patient.post("/meals", meal)

    assert answer.status_code == 201, answer.text
    assert_holds(
        answer.json(),
        {
            "meal": {
                "total_nutrients": eaten,
                "logged_at": NOON_IN_SEOUL,
                "local_date": "2025-11-27",
                "analysis_id": analysis["analysis_id"],
            },
            "streak": {"current": 1, "longest": 1},
        },
    )

    answer = await patient.get("/progress", date="2025-11-27")

    assert answer.status_code == 200, answer.text
    assert_holds(
        answer.json()["progress"],
        {
            "consumed": eaten,
            "goals": {
                "sodium_mg": 2000,
                "protein_g": 50,
                "potassium_mg": 2000,
                "phosphorus_mg": 800,
            },
            "adherence": adherence,
            "violations": [],
            "goals_source": "default",
            "meals_logged": 1,
        },
    )


@pytest.mark.parametrize(
    ("picture", "sent_as", "names", "eaten"),
    [
        ("rice_and_soup", "image_data", ["쌀밥", "미역국"], RICE_AND_SOUP),
        ("grilled_fish", "image_url", ["고등어구이"], GRILLED_FISH),
    ],
)
async def test_grpc_a_photo_is_analysed_and_logged_verbatim_and_progress_shows_it(
    picture, sent_as, names, eaten, patient, service, photo, at
):
    at(NOON_IN_SEOUL)
    image = (
        photo(picture)
        if sent_as == "image_data"
        else f"http://{service.addresses.http}/samples/{picture}.jpg"
    )

    answer = await patient.call("AnalyzeFood", analysis_pb2.AnalyzeFoodRequest(**{sent_as: image}))

    analysis = answer.analysis
    assert [each.name for each in analysis.foods] == names
    assert amounts(analysis.total_nutrients) == eaten
    assert analysis.remaining_analyses == 9
    assert not analysis.cached

    request = meal_pb2.LogMealRequest(
        meal_type=meal_pb2.MEAL_TYPE_DINNER,
        foods=analysis.foods,
        total_nutrients=analysis.total_nutrients,
        analysis_id=analysis.analysis_id,
    )
    logged = await patient.call("LogMeal", request)

    assert logged.meal.user_id == patient.id
    assert logged.meal.logged_at == instant(NOON_IN_SEOUL)
    assert (logged.streak.current, logged.streak.longest) == (1, 1)

    answer = await patient.call("GetProgress", progress_pb2.GetProgressRequest(date="2025-11-27"))

    assert amounts(answer.progress.consumed) == eaten
    assert answer.progress.meals_logged == 1
    assert not answer.progress.violations


# 2. Update goals → log meals → verify adherence.


async def test_rest_goals_decide_adherence_and_violations(patient, at, assert_holds):
    at(NOON_IN_SEOUL)
    answer = await patient.put("/goals", {"ckd_stage": "4", "sodium_mg": 1800})
    assert answer.status_code == 200, answer.text
    assert_holds(
        answer.json()["goals"],
        {
            "sodium_mg": 1800,
            "protein_g": 50,
            "potassium_mg": 2000,
            "phosphorus_mg": 800,
            "ckd_stage": "4",
            "dialysis": "none",
            "sources": {
                "sodium_mg": "user",
                "protein_g": "default",
                "potassium_mg": "default",
                "phosphorus_mg": "default",
            },
        },
    )

    for meal_type, foods in (("breakfast", [RICE, NOODLES]), ("lunch", [STEW])):
        meal = {"meal_type": meal_type, "foods": [food(*each) for each in foods]}
        assert (await patient.post("/meals", meal)).status_code == 201

    answer = await patient.get("/progress", date="2025-11-27", period="daily")
    assert_holds(
        answer.json()["progress"],
        {
            "consumed": {
                "sodium_mg": 3666,
                "protein_g": 30.3,
                "potassium_mg": 1114,
                "phosphorus_mg": 651,
            },
            "adherence": {
                "sodium_mg": 203.7,
                "protein_g": 60.6,
                "potassium_mg": 55.7,
                "phosphorus_mg": 81.4,
            },
            "violations": [
                {
                    "nutrient": "sodium_mg",
                    "consumed": 3666,
                    "goal": 1800,
                    "excess": 1866,
                    "percent": 203.7,
                    "top_foods": [
                        {"name": "김치찌개", "amount": 1964},
                        {"name": "라면", "amount": 1700},
                        {"name": "현미밥", "amount": 2},
                    ],
                }
            ],
            "goals_source": "user",
            "meals_logged": 2,
        },
    )

    answer = await patient.put("/goals", {"sodium_mg": 3900})
    assert answer.status_code == 200, answer.text
    assert [each["field"] for each in answer.json()["goals"]["warnings"]] == ["goals.sodium_mg"]

    answer = await patient.get("/progress", date="2025-11-27")
    assert_holds(answer.json()["progress"], {"adherence": {"sodium_mg": 94}, "violations": []})


async def test_grpc_goals_decide_adherence_and_violations(patient, at):
    at(NOON_IN_SEOUL)
    request = goal_pb2.UpdateGoalsRequest(ckd_stage=goal_pb2.CKD_STAGE_4, sodium_mg=1800)
    goals = (await patient.call("UpdateGoals", request)).goals
    assert (goals.sodium_mg, goals.protein_g) == (1800, 50)
    assert goals.sources.sodium_mg == goal_pb2.GOAL_SOURCE_USER
    assert goals.sources.protein_g == goal_pb2.GOAL_SOURCE_DEFAULT

    for foods in ([RICE, NOODLES], [STEW]):
        meal = meal_pb2.LogMealRequest(
            meal_type=meal_pb2.MEAL_TYPE_LUNCH, foods=[food(*each) for each in foods]
        )
        await patient.call("LogMeal", meal)

    asked = progress_pb2.GetProgressRequest(date="2025-11-27", period=progress_pb2.PERIOD_DAILY)
    progress = (await patient.call("GetProgress", asked)).progress
    assert amounts(progress.consumed) == {
        "sodium_mg": 3666,
        "protein_g": 30.3,
        "potassium_mg": 1114,
        "phosphorus_mg": 651,
    }
    assert progress.adherence.sodium_mg == 203.7
    assert progress.adherence.protein_g == 60.6
    (violation,) = progress.violations
    assert (violation.consumed, violation.goal, violation.excess) == (3666, 1800, 1866)
    assert [each.name for each in violation.top_foods] == ["김치찌개", "라면", "현미밥"]

    await patient.call("UpdateGoals", goal_pb2.UpdateGoalsRequest(sodium_mg=3900))
    progress = (await patient.call("GetProgress", asked)).progress
    assert progress.adherence.sodium_mg == 94
    assert not progress.violations


# 3. Log meals consecutively → verify streak. Midnight in Seoul is 15:00 UTC.

BEFORE_MIDNIGHT_24TH = "2025-11-24T14:59:59Z"
MIDNIGHT_25TH = "2025-11-24T15:00:00Z"
BREAKFAST_26TH = "2025-11-25T23:00:00Z"
LATE_27TH = "2025-11-27T14:30:00Z"
MIDNIGHT_28TH = "2025-11-27T15:00:00Z"
MIDNIGHT_29TH = "2025-11-28T15:00:00Z"


async def test_rest_consecutive_days_in_seoul_make_a_streak(patient, at, assert_holds):
    async def log(logged_at=None):
        meal = {"meal_type": "snack", "foods": [food(*RICE)], "logged_at": logged_at}
        answer = await patient.post("/meals", meal)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def streak(**query):
        return (await patient.get("/streak", **query)).json()["streak"]

    at(LATE_27TH)
    assert await streak() == {"current_streak": 0, "longest_streak": 0, "total_days_logged": 0}

    assert (await log(BEFORE_MIDNIGHT_24TH))["meal"]["local_date"] == "2025-11-24"
    assert (await log(MIDNIGHT_25TH))["meal"]["local_date"] == "2025-11-25"
    logged = await log(BREAKFAST_26TH)
    assert logged["meal"]["local_date"] == "2025-11-26"
    assert logged["streak"] == {"current": 3, "longest": 3}
    assert (await log())["streak"] == {"current": 4, "longest": 4}
    assert (await log())["streak"] == {"current": 4, "longest": 4}
    assert await streak() == {
        "current_streak": 4,
        "longest_streak": 4,
        "last_logged_date": "2025-11-27",
        "total_days_logged": 4,
    }

    at(MIDNIGHT_28TH)
    assert_holds(await streak(), {"current_streak": 4})
    at(MIDNIGHT_29TH)
    assert_holds(await streak(), {"current_streak": 0, "longest_streak": 4})
    assert_holds(await streak(time_zone="America/New_York"), {"current_streak": 4})

    assert (await log())["streak"] == {"current": 1, "longest": 4}
    late = await log(MIDNIGHT_28TH)
    assert late["streak"] == {"current": 6, "longest": 6}
    answer = await patient.request("DELETE", f"/meals/{late['meal']['id']}")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "success": True,
        "meal_id": late["meal"]["id"],
        "streak": {"current": 1, "longest": 4},
    }


async def test_grpc_consecutive_days_in_seoul_make_a_streak(patient, at):
    async def log(logged_at=None):
        meal = meal_pb2.LogMealRequest(
            meal_type=meal_pb2.MEAL_TYPE_SNACK,
            foods=[food(*RICE)],
            logged_at=instant(logged_at) if logged_at else None,
        )
        answer = await patient.call("LogMeal", meal)
        return answer.meal, (answer.streak.current, answer.streak.longest)

    async def streak(**fields):
        answer = await patient.call("GetStreak", streak_pb2.GetStreakRequest(**fields))
        return answer.streak.current_streak, answer.streak.longest_streak

    at(LATE_27TH)
    nothing = (await patient.call("GetStreak", streak_pb2.GetStreakRequest())).streak
    assert not nothing.HasField("last_logged_date")

    meal, _ = await log(BEFORE_MIDNIGHT_24TH)
    assert meal.local_date == "2025-11-24"
    meal, _ = await log(MIDNIGHT_25TH)
    assert meal.local_date == "2025-11-25"
    assert (await log(BREAKFAST_26TH))[1] == (3, 3)
    assert (await log())[1] == (4, 4)

    at(MIDNIGHT_28TH)
    assert await streak() == (4, 4)
    at(MIDNIGHT_29TH)
    assert await streak() == (0, 4)
    assert await streak(time_zone="America/New_York") == (4, 4)

    assert (await log())[1] == (1, 4)
    late, counts = await log(MIDNIGHT_28TH)
    assert counts == (6, 6)
    answer = await patient.call("DeleteMeal", meal_pb2.DeleteMealRequest(meal_id=late.id))
    assert (answer.streak.current, answer.streak.longest) == (1, 4)
