"""Idempotency keys over REST and gRPC."""

import asyncio
import base64
from datetime import timedelta

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from dietcare.domain.idempotency import LIFETIME
from dietcare.errors import DatabaseConnectionError, OpenAIAPIError
from dietcare.v1 import analysis_pb2, food_pb2, meal_pb2

MEAL = {"meal_type": "lunch", "foods": [{"name": "비빔밥", "portion_g": 400, "sodium_mg": 900}]}
OTHER = {**MEAL, "note": "another"}
PHOTO = {"image_data": base64.b64encode(b"a picture").decode()}
LUNCH = meal_pb2.LogMealRequest(
    meal_type=meal_pb2.MEAL_TYPE_LUNCH,
    foods=[food_pb2.Food(name="비빔밥", portion_g=400, sodium_mg=900)],
)
LIMIT_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
MALFORMED = ["", "a b", "é", "a\tb", "k" * 256]


def is_replay(answer):
    assert answer.headers.get("idempotent-replayed") in (None, "true")
    return "idempotent-replayed" in answer.headers


async def test_a_meal_is_logged_once_and_its_answer_given_again(user):
    first = await user.send("POST", "/meals", MEAL, key="k-1")
    again = await user.send("POST", "/meals", MEAL, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (is_replay(first), is_replay(again)) == (False, True)
    meal = first.json()["meal"]
    for answer in (first, again):
        assert answer.headers["etag"] == '"1"'
        assert answer.headers["location"] == f"/api/diet/meals/{meal['id']}"
        assert [answer.headers[name] for name in LIMIT_HEADERS[:2]] == ["50", "49"]
        assert answer.headers["x-ratelimit-reset"].isdigit()
    assert await user.left() == 49
    assert [each["id"] for each in await user.listed()] == [meal["id"]]


async def test_the_same_over_grpc_and_across_both(user):
    first, trailers = await user.call("LogMeal", LUNCH, key="k")
    again, replayed = await user.call("LogMeal", LUNCH, key="k")
    assert again == first
    assert trailers["etag"] == replayed["etag"] == '"1"'
    assert trailers["location"] == replayed["location"] == f"/api/diet/meals/{first.meal.id}"
    assert "idempotent-replayed" not in trailers
    assert replayed["idempotent-replayed"] == "true"
    assert [replayed[name] for name in LIMIT_HEADERS[:2]] == ["50", "49"]
    over_rest = await user.send("POST", "/meals", MEAL, key="k")
    assert is_replay(over_rest)
    assert over_rest.json()["meal"]["id"] == first.meal.id


async def test_without_a_key_every_call_counts(user):
    for _ in range(2):
        answer = await user.send("POST", "/meals", MEAL)
        assert not is_replay(answer)
    assert len(await user.listed()) == 2
    assert await user.left() == 48


async def test_a_hundred_at_once_are_one(user):
    calls = [user.send("POST", "/meals", MEAL, key="k") for _ in range(50)]
    rpcs = [user.call("LogMeal", LUNCH, key="k") for _ in range(50)]
    answers = await asyncio.gather(*calls)
    messages = await asyncio.gather(*rpcs)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({message.SerializeToString() for message, _ in messages}) == 1
    assert [is_replay(answer) for answer in answers].count(False) == 1
    assert len(await user.listed()) == 1
    assert await user.left() == 49


async def test_another_body_under_the_key_is_a_conflict_and_costs_nothing(user):
    await user.send("POST", "/meals", MEAL, key="k")
    answer = await user.send("POST", "/meals", OTHER, key="k", accept_language="en")
    assert answer.status_code == 409
    body = answer.json()
    assert body["detail"]["reason"] == "IDEMPOTENCY_CONFLICT"
    assert body["message"] == "This Idempotency-Key was already used for another request"
    assert answer.headers["x-ratelimit-remaining"] == "49"
    request = meal_pb2.LogMealRequest(note="another")
    request.MergeFrom(LUNCH)
    code, _ = await user.call("LogMeal", request, key="k")
    assert code is grpc.StatusCode.ABORTED
    assert len(await user.listed()) == 1


async def test_a_key_is_one_users_and_one_rpcs(user, new_user):
    other = new_user()
    mine = await user.send("POST", "/meals", MEAL, key="k")
    theirs = await other.send("POST", "/meals", MEAL, key="k")
    assert not is_replay(theirs)
    changed = await user.send(
        "PATCH", f"/meals/{mine.json()['meal']['id']}", {"note": "a"}, key="k"
    )
    assert (changed.status_code, is_replay(changed)) == (200, False)


async def test_a_service_and_the_user_share_the_users_keys(user, new_user):
    service = new_user(sub="a-service", scope="diet:service")
    first = await user.send("POST", "/meals", MEAL, key="k")
    again = await service.send("POST", "/meals", {**MEAL, "user_id": user.id.upper()}, key="k")
    assert (again.json(), is_replay(again)) == (first.json(), True)


@pytest.mark.parametrize("key", MALFORMED, ids=ascii)
async def test_a_malformed_key_is_refused_before_anything_else(user, key):
    if key.isascii() and "\t" not in key:
        code, _ = await user.call("LogMeal", LUNCH, key=key)
        assert code is grpc.StatusCode.INVALID_ARGUMENT
    answer = await user.service.http.post(
        "/api/diet/meals",
        json={**MEAL, "user_id": "0" * 24},
        headers={"authorization": user.bearer, "idempotency-key": key.encode()},
    )
    assert answer.status_code == 400, answer.text
    (field,) = answer.json()["detail"]["fields"]
    assert field["field"] == "idempotency-key"
    assert await user.listed() == []
    assert await user.left() == 50


async def test_two_keys_are_refused(user):
    headers = [("authorization", user.bearer), *[("idempotency-key", key) for key in "ab"]]
    answer = await user.service.http.post("/api/diet/meals", json=MEAL, headers=headers)
    assert answer.status_code == 400
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await user.service.stub.LogMeal(LUNCH, metadata=headers)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("key", ["!", "~" * 255, "$gt", "a.b", "{}", "00000000-0000-4000-8000-1"])
async def test_any_visible_ascii_is_a_key(user, key):
    first = await user.send("POST", "/meals", MEAL, key=key)
    again = await user.send("POST", "/meals", MEAL, key=key)
    assert (first.status_code, again.json()) == (201, first.json())


async def test_a_key_says_nothing_to_rpcs_that_take_none(user):
    answer = await user.send("PUT", "/goals", {"ckd_stage": "3"}, key="a b")
    assert answer.status_code == 200
    assert (await user.send("GET", "/meals", key="k")).status_code == 200


async def test_a_refusal_is_not_stored(user):
    bad = {**MEAL, "foods": []}
    for _ in range(2):
        answer = await user.send("POST", "/meals", bad, key="k")
        assert (answer.status_code, is_replay(answer)) == (400, False)
    assert (await user.send("POST", "/meals", MEAL, key="k")).status_code == 201
    assert await user.left() == 49


async def test_at_the_limit_a_replay_is_answered_and_nothing_else(user):
    first = await user.send("POST", "/meals", MEAL, key="first")
    for _ in range(49):
        await user.send("POST", "/meals", MEAL)
    refused = await user.send("POST", "/meals", MEAL, key="second")
    assert refused.status_code == 429
    again = await user.send("POST", "/meals", MEAL, key="first")
    assert (again.status_code, again.json()) == (201, first.json())
    assert [again.headers[name] for name in LIMIT_HEADERS[:2]] == ["50", "0"]
    user.service.clock.at += timedelta(days=1)
    answer = await user.send("POST", "/meals", MEAL, key="second")
    assert (answer.status_code, is_replay(answer)) == (201, False)


async def test_the_first_answer_is_given_after_the_meal_was_changed_and_deleted(user):
    first = await user.send("POST", "/meals", MEAL, key="k")
    path = f"/meals/{first.json()['meal']['id']}"
    await user.send("PATCH", path, {"note": "changed"})
    assert (await user.send("POST", "/meals", MEAL, key="k")).json() == first.json()
    await user.send("DELETE", path)
    again = await user.send("POST", "/meals", MEAL, key="k")
    assert again.json() == first.json()
    assert again.headers["etag"] == '"1"'
    assert await user.listed() == []


async def test_after_24_hours_the_key_is_free(user):
    first = await user.send("POST", "/meals", MEAL, key="k")
    user.service.clock.at += LIFETIME
    second = await user.send("POST", "/meals", OTHER, key="k")
    assert (second.status_code, is_replay(second)) == (201, False)
    assert second.json()["meal"]["id"] != first.json()["meal"]["id"]


async def test_a_change_is_made_once(user):
    path = f"/meals/{(await user.log())['id']}"
    first = await user.send("PATCH", path, {"note": "a"}, key="k")
    await user.send("PATCH", path, {"note": "b"})
    again = await user.send("PATCH", path, {"note": "a"}, key="k")
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (again.json(), again.headers["etag"]) == (first.json(), '"2"')
    assert is_replay(again)
    stored = (await user.send("GET", path)).json()["meal"]
    assert (stored["note"], stored["version"]) == ("b", 3)
    conflict = await user.send("PATCH", path, {"note": "c"}, key="k")
    assert conflict.status_code == 409


async def test_a_change_is_made_once_over_grpc(user):
    meal = await user.log()
    request = meal_pb2.UpdateMealRequest(
        meal_id=meal["id"], meal=meal_pb2.Meal(note="a"), update_mask=FieldMask(paths=["note"])
    )
    first, _ = await user.call("UpdateMeal", request, key="k")
    again, trailers = await user.call("UpdateMeal", request, key="k")
    assert again == first
    assert first.meal.version == 2
    assert (trailers["idempotent-replayed"], trailers["etag"]) == ("true", '"2"')
    assert not any(name.startswith("x-ratelimit") for name in trailers)


async def test_the_same_change_of_another_meal_is_a_conflict(user):
    one, other = await user.log(), await user.log()
    await user.send("PATCH", f"/meals/{one['id']}", {"note": "a"}, key="k")
    answer = await user.send("PATCH", f"/meals/{other['id']}", {"note": "a"}, key="k")
    assert answer.status_code == 409


async def test_a_picture_is_analysed_once(user):
    first = await user.send("POST", "/analyze", PHOTO, key="k")
    again = await user.send("POST", "/analyze", PHOTO, key="k")
    assert first.status_code == 200, first.text
    assert again.json() == first.json()
    assert first.json()["analysis"]["remaining_analyses"] == 9
    assert again.headers["x-ratelimit-remaining"] == "9"
    assert user.service.vision.calls == 1
    assert await user.left("analyses") == 9
    request = analysis_pb2.AnalyzeFoodRequest(image_data=b"a picture")
    over_grpc, trailers = await user.call("AnalyzeFood", request, key="k")
    assert over_grpc.analysis.analysis_id == first.json()["analysis"]["analysis_id"]
    assert trailers["idempotent-replayed"] == "true"


async def test_an_analysis_that_failed_is_tried_anew_and_costs_one_unit(user):
    user.service.vision.failure = OpenAIAPIError()
    assert (await user.send("POST", "/analyze", PHOTO, key="k")).status_code == 502
    user.service.vision.failure = None
    answer = await user.send("POST", "/analyze", PHOTO, key="k")
    assert (answer.status_code, is_replay(answer)) == (200, False)
    assert await user.left("analyses") == 9


async def test_who_goes_away_finds_the_analysis_when_they_come_back(user):
    vision = user.service.vision
    vision.go.clear()
    request = analysis_pb2.AnalyzeFoodRequest(image_data=b"a picture")
    metadata = (("authorization", user.bearer), ("idempotency-key", "k"))
    leaving = user.service.stub.AnalyzeFood(request, metadata=metadata)
    await vision.asked.wait()
    leaving.cancel()
    coming_back = asyncio.ensure_future(user.call("AnalyzeFood", request, key="k"))
    vision.go.set()
    answer, trailers = await coming_back
    assert answer.analysis.foods[0].name == "김밥"
    assert trailers["idempotent-replayed"] == "true"
    assert vision.calls == 1
    assert await user.left("analyses") == 9


async def test_who_has_no_time_left_finds_the_answer_later(user):
    vision = user.service.vision
    vision.go.clear()
    asked = asyncio.ensure_future(
        user.send("POST", "/analyze", PHOTO, key="k", grpc_timeout="100m")
    )
    assert (await asked).status_code == 504
    vision.go.set()
    again = await user.send("POST", "/analyze", PHOTO, key="k")
    assert again.status_code == 200
    assert vision.calls == 1


async def test_a_failure_that_leaves_open_what_was_done_is_finished_under_the_same_id(
    user, monkeypatch
):
    """The insert's answer is lost: the meal is there, and nobody knows."""
    meals = user.service.app.backend.repositories.meals
    insert = meals.insert

    async def insert_and_lose(user_id, meal):
        await insert(user_id, meal)
        raise DatabaseConnectionError

    monkeypatch.setattr(meals, "insert", insert_and_lose)
    assert (await user.send("POST", "/meals", MEAL, key="k")).status_code == 503
    monkeypatch.undo()
    assert await user.left() == 50
    (meal,) = await user.listed()
    answer = await user.send("POST", "/meals", MEAL, key="k")
    assert (answer.status_code, answer.json()["meal"]) == (201, meal)
    assert len(await user.listed()) == 1
    assert await user.left() == 49


async def test_an_erased_users_answers_are_gone_too(user):
    first = await user.send("POST", "/meals", MEAL, key="k")
    assert (await user.send("DELETE", f"/users/{user.id}")).status_code == 200
    again = await user.send("POST", "/meals", MEAL, key="k")
    assert not is_replay(again)
    assert again.json()["meal"]["id"] != first.json()["meal"]["id"]
