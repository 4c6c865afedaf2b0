"""The RPCs of the app, through the whole chain."""

from dietcare.v1 import (
    analysis_pb2,
    goal_pb2,
    meal_pb2,
    progress_pb2,
    streak_pb2,
)


async def test_an_analysis_posted_back_is_a_valid_meal(call, analyze, user):
    analysis = (await analyze()).message.analysis
    assert (analysis.model, analysis.cached, analysis.remaining_analyses) == ("simulated", False, 9)
    assert [each.code for each in analysis.warnings] == ["SIMULATED"]
    assert analysis.coverage.HasField("phosphorus_mg")
    assert analysis.coverage.phosphorus_mg == 0

    meal = (
        await call(
            "LogMeal",
            meal_pb2.LogMealRequest(
                meal_type=meal_pb2.MEAL_TYPE_DINNER,
                foods=analysis.foods,
                total_nutrients=analysis.total_nutrients,
                analysis_id=analysis.analysis_id,
            ),
        )
    ).message.meal

    assert (meal.user_id, meal.analysis_id) == (user, analysis.analysis_id)
    assert meal.foods[0].food_code == ""


async def test_the_same_picture_again_costs_nothing(analyze):
    first, again, other = await analyze(), await analyze(), await analyze(b"another")

    assert first.left[:2] == again.left[:2] == ("10", "9")
    assert (again.message.analysis.cached, again.message.analysis.remaining_analyses) == (True, 9)
    assert other.left[:2] == ("10", "8")


async def test_a_picture_without_food_says_so(analyze):
    assert (await analyze(b"wall")).message.analysis.message == "이미지에서 음식을 찾지 못했습니다"


async def test_a_failed_analysis_costs_nothing(call, analyze, eye):
    eye.shut = True
    answer = await analyze()
    assert (answer.code, answer.reason, answer.left[:2]) == (
        "UNAVAILABLE",
        "VISION_UNAVAILABLE",
        ("10", "10"),
    )

    answer = await call(
        "AnalyzeFood", analysis_pb2.AnalyzeFoodRequest(image_url="", image_data=b"x")
    )
    assert (answer.reason, answer.left[:2]) == ("INVALID_IMAGE_URL", ("10", "10"))


async def test_a_meal_is_logged_listed_changed_and_deleted(call, breakfast):
    logged = (await call("LogMeal", breakfast)).message
    assert (logged.streak.current, logged.streak.longest) == (1, 1)
    meal_id = logged.meal.id

    listed = (await call("ListMeals")).message
    assert [each.id for each in listed.meals] == [meal_id]
    got = await call("GetMeal", meal_pb2.GetMealRequest(meal_id=meal_id.upper()))
    assert got.message.meal == logged.meal

    change = meal_pb2.UpdateMealRequest(meal_id=meal_id, meal=meal_pb2.Meal(note="남김"))
    change.update_mask.paths.append("note")
    changed = (await call("UpdateMeal", change)).message.meal
    assert (changed.note, changed.version) == ("남김", 2)

    deleted = await call("DeleteMeal", meal_pb2.DeleteMealRequest(meal_id=meal_id))
    assert (deleted.message.meal_id, deleted.message.streak.current) == (meal_id, 0)
    gone = await call("GetMeal", meal_pb2.GetMealRequest(meal_id=meal_id))
    assert (gone.code, gone.reason) == ("NOT_FOUND", "MEAL_NOT_FOUND")


async def test_goals_are_set_and_read(call):
    assert (await call("GetGoals")).reason == "GOAL_NOT_FOUND"

    request = goal_pb2.UpdateGoalsRequest(ckd_stage=goal_pb2.CKD_STAGE_3, sodium_mg=2400)
    changed = await call("UpdateGoals", request)

    assert changed.left[:2] == ("10", "9")
    assert [each.code for each in changed.message.goals.warnings] == ["GOAL_UNUSUAL"]
    assert (await call("GetGoals")).message.goals == changed.message.goals
    assert len((await call("ListDefaultGoals")).message.defaults) == 7


async def test_progress_of_a_day_and_of_a_week(call, breakfast):
    breakfast.foods[0].sodium_mg = 3_700
    await call("LogMeal", breakfast)
    request = progress_pb2.GetProgressRequest(date="2025-11-27")

    day = (await call("GetProgress", request)).message.progress
    assert (day.period, day.goals_source) == (
        progress_pb2.PERIOD_DAILY,
        goal_pb2.GOAL_SOURCE_DEFAULT,
    )
    assert (day.consumed.sodium_mg, day.adherence.sodium_mg, day.meals_logged) == (3_700, 185, 1)
    (violation,) = day.violations
    assert (violation.excess, violation.percent, violation.top_foods[0].name) == (
        1_700,
        185,
        "현미밥",
    )
    assert not day.HasField("start_date")

    request.period = progress_pb2.PERIOD_WEEKLY
    week = (await call("GetProgress", request)).message.progress
    assert (week.start_date, week.end_date, week.days_logged) == ("2025-11-21", "2025-11-27", 1)
    assert week.days[-1].violations[0].percent == 185
    assert week.goals.sodium_mg == 14_000
    assert week.trend.sodium_mg.direction == progress_pb2.TREND_DIRECTION_UP
    assert not week.trend.sodium_mg.HasField("percent")
    assert week.trend.protein_g.direction == progress_pb2.TREND_DIRECTION_UP


async def test_a_streak_is_seen_from_the_zone_of_request_token_or_service(
    call, breakfast, token, clock
):
    await call("LogMeal", breakfast)  # the 27th in Seoul
    clock.set("2025-11-28T20:00:00Z")  # the 29th there, the 28th in Honolulu
    honolulu = streak_pb2.GetStreakRequest(time_zone="Pacific/Honolulu")

    assert (await call("GetStreak")).message.streak.current_streak == 0
    assert (await call("GetStreak", honolulu)).message.streak.current_streak == 1
    tourist = token(time_zone="Pacific/Honolulu")
    assert (await call("GetStreak", auth=tourist)).message.streak.current_streak == 1
    wrong = await call("GetStreak", streak_pb2.GetStreakRequest(time_zone="Seoul"))
    assert set(wrong.fields) == {"time_zone"}
