"""A call that is in flight when its user is erased, by another service, leaves nothing.

It is stopped at one step, the user is erased to the end, and then it goes on.
"""

import asyncio

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from dietcare.v1 import analysis_pb2, goal_pb2, meal_pb2, quota_pb2, streak_pb2

# Every step of a meal with a key that writes, before and after.
LOGGING = [
    f"{step} {when}"
    for step in ("idempotency.insert", "streaks.begin", "meals.insert")
    for when in ("before", "after")
]
LOGGED = ["streaks.settle before", "streaks.settle after", "idempotency.put before"]
ANALYZING = ["vision", "analyses.insert before", "analyses.insert after"]
ANALYZE = analysis_pb2.AnalyzeFoodRequest(image_data=b"photo")
GOALS = goal_pb2.UpdateGoalsRequest(ckd_stage=5)


async def in_flight(world, place, rpc, message, **metadata):
    """The call's answer, where the user was erased while it stood at `place`."""
    call = await world.one.stopped(place, world.user, rpc, message, **metadata)
    assert (await world.erase()).code == "OK"
    world.one.gate.open()
    return await call


async def nothing_is_left(world):
    """Not now, and not at the end of the erasure, where whoever died is cleaned up after."""
    assert await world.left() == []
    await world.settle()
    assert await world.left() == []
    assert await world.backend.repositories.streaks.get(world.user) is None


@pytest.mark.parametrize("place", LOGGING)
async def test_a_meal_that_is_being_logged_is_refused(world, place):
    await world.fill()
    answer = await in_flight(world, place, "LogMeal", world.meal, idempotency_key="late")
    assert (answer.code, answer.reason) == ("ABORTED", "ERASED_MEANWHILE")
    await nothing_is_left(world)


@pytest.mark.parametrize("place", LOGGED)
async def test_a_meal_that_was_logged_is_erased_whatever_its_caller_is_told(world, place):
    await world.fill()
    answer = await in_flight(world, place, "LogMeal", world.meal, idempotency_key="late")
    assert answer.reason in ("", "ERASED_MEANWHILE")
    await nothing_is_left(world)


@pytest.mark.parametrize("key", [{}, {"idempotency_key": "late"}], ids=["without", "with a key"])
@pytest.mark.parametrize("place", ANALYZING)
async def test_an_analysis_in_flight_is_refused(world, place, key):
    await world.fill()
    answer = await in_flight(world, place, "AnalyzeFood", ANALYZE, **key)
    assert (answer.code, answer.reason) == ("ABORTED", "ERASED_MEANWHILE")
    await nothing_is_left(world)
    left = await world.one.call(world.user, "GetQuota", quota_pb2.GetQuotaRequest())
    assert left.message.quota.analyses.remaining in (8, 10)  # two before; the hour may be over


@pytest.mark.parametrize("before", [True, False], ids=["with goals", "without"])
@pytest.mark.parametrize("place", ["goals.put before", "goals.put after"])
async def test_goals_that_are_being_set_are_refused(world, place, before):
    if before:
        await world.fill()
    answer = await in_flight(world, place, "UpdateGoals", GOALS)
    assert (answer.code, answer.reason) == ("ABORTED", "ERASED_MEANWHILE")
    await nothing_is_left(world)


@pytest.mark.parametrize("place", ["meals.get after", "meals.replace before"])
async def test_a_change_in_flight_leaves_nothing(world, place):
    meal = (await world.log()).message.meal
    change = meal_pb2.UpdateMealRequest(
        meal_id=meal.id, meal=meal_pb2.Meal(note="later"), update_mask=FieldMask(paths=["note"])
    )
    answer = await in_flight(world, place, "UpdateMeal", change, idempotency_key="c")
    assert answer.reason in ("", "ERASED_MEANWHILE", "MEAL_NOT_FOUND")
    await nothing_is_left(world)


@pytest.mark.parametrize("place", ["streaks.begin before", "meals.delete after"])
async def test_a_deletion_in_flight_leaves_nothing(world, place):
    meal = (await world.log()).message.meal
    request = meal_pb2.DeleteMealRequest(meal_id=meal.id)
    answer = await in_flight(world, place, "DeleteMeal", request)
    assert answer.reason in ("", "ERASED_MEANWHILE")
    await nothing_is_left(world)


async def test_what_was_logged_anew_outlives_the_end_of_a_late_call(world):
    await world.fill()
    late = await world.one.stopped("meals.insert after", world.user, "LogMeal", world.meal)
    await world.erase()
    anew = await world.log(world.two, idempotency_key="anew")
    goals = await world.two.call(world.user, "UpdateGoals", GOALS)
    analysis = await world.two.call(world.user, "AnalyzeFood", ANALYZE)
    assert [anew.code, goals.code, analysis.code] == ["OK"] * 3
    world.one.gate.open()
    assert (await late).reason == "ERASED_MEANWHILE"
    stored = world.backend.repositories
    for _ in range(2):
        meals = [meal.id async for meal in stored.meals.all(world.user)]
        assert meals == [anew.message.meal.id]
        assert await stored.goals.count(world.user) == await stored.analyses.count(world.user) == 1
        streak = await world.one.call(world.user, "GetStreak", streak_pb2.GetStreakRequest())
        assert streak.message.streak.total_days_logged == 1
        assert (await world.log(world.two, idempotency_key="anew")).is_replay
        await world.settle()


async def test_a_late_call_that_died_is_cleaned_up_after_and_new_meals_stay(world):
    """Its process was killed between its write and its look for an erasure."""
    await world.erase()
    anew = await world.log()
    late, stored = world.late_meal(), world.backend.repositories
    await stored.meals.insert(world.user, late)
    await world.settle()
    assert [meal.id async for meal in stored.meals.all(world.user)] == [anew.message.meal.id]
    total = await world.one.call(world.user, "ListMeals", meal_pb2.ListMealsRequest())
    assert total.message.pagination.total == 1


async def test_a_call_that_begins_while_an_erasure_goes_on_finishes_it_first(world):
    await world.fill()
    erasing = await world.two.stopped("meals.erase before", world.user, *world.erasing)
    logged = await world.log(world.one)
    assert logged.code == "OK"
    world.two.gate.open()
    assert (await erasing).message.erased.meals == 2
    stored = world.backend.repositories
    assert [meal.id async for meal in stored.meals.all(world.user)] == [logged.message.meal.id]


async def test_who_asks_again_by_the_key_of_a_call_still_in_flight_makes_a_new_meal(
    world,
):
    await world.fill()
    place = "idempotency.put before"
    late = await world.one.stopped(place, world.user, "LogMeal", world.meal, idempotency_key="k")
    await world.erase()
    again = await world.log(world.one, idempotency_key="k")
    world.one.gate.open()
    before = await late
    assert [before.code, again.code] == ["OK", "OK"]
    assert not again.is_replay
    assert again.message.meal.id != before.message.meal.id
    meals = [meal.id async for meal in world.backend.repositories.meals.all(world.user)]
    assert meals == [again.message.meal.id]
    assert (await world.log(world.two, idempotency_key="k")).message == again.message


async def test_a_call_whose_caller_left_leaves_nothing_either(world):
    await world.fill()
    call = await world.one.stopped("meals.insert before", world.user, "LogMeal", world.meal)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await world.erase()
    world.one.gate.open()
    await world.one.app.services.streaks._shielded.drain()
    await nothing_is_left(world)
