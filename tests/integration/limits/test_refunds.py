"""A unit is spent by what was done, and by nothing else."""

import asyncio
from dataclasses import replace

import grpc
import pytest

from dietcare.errors import OpenAIAPIError
from dietcare.v1 import analysis_pb2, goal_pb2, meal_pb2

WHOLE = {"analyses": 10, "meals": 50, "goal_updates": 10}
MEAL = {"meal_type": "breakfast", "foods": [{"name": "밥", "portion_g": 210, "sodium_mg": 4}]}
ANALYZE = analysis_pb2.AnalyzeFoodRequest(image_data=b"a picture")


async def trailers_of(call):
    """What a gRPC call ends with, by name."""
    return dict(await call.trailing_metadata())


async def test_what_was_done_costs_a_unit_and_says_what_is_left(user, left_told):
    assert left_told(await user.analyze()) == 9
    assert left_told(await user.send("POST", "/meals", json=MEAL)) == 49
    assert left_told(await user.send("PUT", "/goals", json={"ckd_stage": "3"})) == 9
    assert await user.left() == {"analyses": 9, "meals": 49, "goal_updates": 9}


@pytest.mark.parametrize(
    ("method", "path", "body", "left"),
    [
        ("POST", "/analyze", {}, 10),
        ("POST", "/meals", {"meal_type": "breakfast", "foods": []}, 50),
        ("POST", "/meals", {**MEAL, "logged_at": "1999-01-01T00:00:00Z"}, 50),
        ("PUT", "/goals", {}, 10),
        ("PUT", "/goals", {"ckd_stage": "3", "sodium_mg": 1}, 10),
        ("PUT", "/goals", {"ckd_stage": "3", "user_id": "nobody"}, 10),
    ],
)
async def test_what_is_refused_as_invalid_is_free(user, left_told, method, path, body, left):
    answer = await user.send(method, path, json=body)
    assert answer.status_code == 400
    assert left_told(answer) == left
    assert await user.left() == WHOLE


@pytest.mark.parametrize("path", ["/analyze", "/meals"])
@pytest.mark.parametrize("body", ["{", "[]", '{"unknown": 1}', "1"])
async def test_what_can_not_be_read_is_free_and_says_what_is_left(user, left_told, path, body):
    headers = {"content-type": "application/json"}
    answer = await user.send("POST", path, content=body, headers=headers)
    assert answer.status_code == 400
    assert left_told(answer) == (10 if path == "/analyze" else 50)
    assert await user.left() == WHOLE


async def test_what_is_forbidden_is_free_for_both(user, new_user, left_told):
    other = new_user()
    answer = await user.send("POST", "/meals", json={**MEAL, "user_id": other.id})
    assert answer.status_code == 403
    assert left_told(answer) == 50
    assert await user.left() == await other.left() == WHOLE


async def test_what_a_service_does_for_a_user_is_the_users_unit(user, new_user, left_told):
    service = new_user(scope="diet:service")
    answer = await service.send("POST", "/meals", json={**MEAL, "user_id": user.id})
    assert answer.status_code == 201
    assert left_told(answer) == 49
    assert (await user.left())["meals"] == 49
    assert await service.left() == WHOLE


async def test_what_fails_upstream_is_free(user, left_told):
    user.service.vision.answer = OpenAIAPIError()
    answer = await user.analyze()
    assert answer.status_code == 502
    assert left_told(answer) == 10
    assert await user.left() == WHOLE


async def test_what_crashes_is_free(user, left_told):
    user.service.vision.answer = RuntimeError("a bug")
    answer = await user.analyze()
    assert answer.status_code == 500
    assert left_told(answer) == 10
    assert await user.left() == WHOLE


async def test_what_comes_from_the_cache_is_free(user, left_told):
    seen = user.service.vision.answer
    user.service.vision.answer = replace(seen, cached=True)
    answer = await user.analyze()
    assert answer.status_code == 200
    assert left_told(answer) == 10
    assert await user.left() == WHOLE


async def test_what_takes_too_long_is_free_and_says_what_is_left(user, left_told):
    user.service.vision.answer = None
    answer = await user.analyze(headers={"grpc-timeout": "300m"})
    assert answer.status_code == 504
    await user.gets_back("analyses", 10)


async def test_what_takes_too_long_is_free_over_grpc(user):
    user.service.vision.answer = None
    call = user.call("AnalyzeFood", ANALYZE, timeout=0.3)
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await call
    assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await user.gets_back("analyses", 10)


async def test_what_the_client_cancels_is_free(user):
    user.service.vision.answer = None
    call = user.call("AnalyzeFood", ANALYZE)
    await asyncio.wait({asyncio.ensure_future(user.service.vision.looking.wait())}, timeout=5)
    assert (await user.left())["analyses"] == 9
    call.cancel()
    await user.gets_back("analyses", 10)


async def test_what_a_disconnected_client_asked_for_is_free(user):
    user.service.vision.answer = None
    asking = asyncio.create_task(user.analyze())
    await user.service.vision.looking.wait()
    assert (await user.left())["analyses"] == 9
    asking.cancel()
    await user.gets_back("analyses", 10)


async def test_with_none_left_everything_is_429(start, new_user, left_told):
    user = new_user(await start(limit_meals_per_day=2, limit_goal_updates_per_day=1))
    assert [(await user.send("POST", "/meals", json=MEAL)).status_code for _ in range(2)] == [
        201
    ] * 2
    for body in (MEAL, {"meal_type": "breakfast", "foods": []}):
        answer = await user.send("POST", "/meals", json=body)
        assert answer.status_code == 429
        assert left_told(answer) == 0
        detail = answer.json()["detail"]
        assert (detail["reason"], detail["limit"]) == ("MEAL_LOG_LIMIT_EXCEEDED", 2)
        assert 1 <= int(answer.headers["retry-after"]) <= 86_400
        assert detail["remaining_time_seconds"] <= 86_400
    assert await user.left() == {"analyses": 10, "meals": 0, "goal_updates": 1}


async def test_a_replay_is_free_and_says_what_is_left_also_when_that_is_nothing(
    start, new_user, left_told
):
    user = new_user(await start(limit_meals_per_day=2))
    keyed = {"idempotency-key": "breakfast"}
    first = await user.send("POST", "/meals", json=MEAL, headers=keyed)
    assert (first.status_code, left_told(first)) == (201, 1)
    for left in (1, 0):
        replay = await user.send("POST", "/meals", json=MEAL, headers=keyed)
        assert (replay.status_code, left_told(replay)) == (201, left)
        assert replay.json() == first.json()
        await user.send("POST", "/meals", json=MEAL)
    assert (await user.send("POST", "/meals", json=MEAL)).status_code == 429


async def test_a_refused_call_gives_nothing_back(start, new_user):
    user = new_user(await start(limit_meals_per_day=1))
    for _ in range(3):
        await user.send("POST", "/meals", json=MEAL)
    assert (await user.left())["meals"] == 0


async def test_grpc_answers_say_what_is_left_too(user):
    call = user.call("UpdateGoals", goal_pb2.UpdateGoalsRequest(ckd_stage=3))
    await call
    told = await trailers_of(call)
    assert (told["x-ratelimit-limit"], told["x-ratelimit-remaining"]) == ("10", "9")
    assert int(told["x-ratelimit-reset"]) > 0
    refused = user.call("LogMeal", meal_pb2.LogMealRequest())
    assert await refused.code() is grpc.StatusCode.INVALID_ARGUMENT
    told = await trailers_of(refused)
    assert (told["x-ratelimit-limit"], told["x-ratelimit-remaining"]) == ("50", "50")


async def test_each_header_is_told_once(user):
    user.service.vision.answer = OpenAIAPIError()
    call = user.call("AnalyzeFood", ANALYZE)
    assert await call.code() is grpc.StatusCode.UNAVAILABLE
    names = [key for key, _ in await call.trailing_metadata()]
    assert names.count("x-ratelimit-remaining") == 1


async def test_what_has_no_limit_tells_of_none(user):
    answer = await user.send("GET", "/quota")
    assert "x-ratelimit-limit" not in answer.headers


async def test_who_is_nobody_is_told_of_no_limit(user):
    answer = await user.service.http.post("/api/diet/meals", json=MEAL)
    assert answer.status_code == 401
    assert "x-ratelimit-limit" not in answer.headers
