"""Bad input over gRPC: a status with ErrorInfo, nothing written, no unit spent."""

import grpc
import jwt
import pytest
import pytest_asyncio

from dietcare.v1 import (
    account_pb2,
    analysis_pb2,
    food_pb2,
    goal_pb2,
    meal_pb2,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

SERVICE = "/dietcare.v1.DietCareService"
UNTOUCHED = {"analyses": 10, "meals": 50, "goal_updates": 10}
RICE = food_pb2.Food(name="현미밥", portion_g=210, sodium_mg=2)
NO_SUCH_MEAL = "0" * 24


def meal(**change):
    fields = {"meal_type": meal_pb2.MEAL_TYPE_LUNCH, "foods": [RICE], **change}
    return meal_pb2.LogMealRequest(**fields)


def is_refused(refusal, code, reason):
    assert refusal.code is code, refusal
    assert refusal.reason == reason
    assert refusal.domain == "dietcare"
    assert refusal.message
    assert refusal.details.code == code.value[0]
    assert refusal.details.message == refusal.message
    assert refusal.request_id == refusal.trailers["x-request-id"]
    return refusal.fields


@pytest_asyncio.fixture(loop_scope="session")
async def unharmed(patient, at):
    """After the test the user has no meal, no goals and every unit."""
    at("2025-11-27T10:00:00Z")
    yield patient
    assert await patient.meals_logged() == 0
    assert (await patient.get("/goals")).status_code == 404
    assert await patient.remaining() == UNTOUCHED


async def test_a_message_that_can_not_be_read_is_refused_without_a_word_of_why(
    unharmed, grpc_channel
):
    send = grpc_channel.unary_unary(f"{SERVICE}/LogMeal")
    metadata = (("authorization", f"Bearer {unharmed.token}"),)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await send(b"\xff\xff\xff\xff", metadata=metadata)

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details() == "요청 값이 올바르지 않습니다"


async def test_an_unknown_method_is_unimplemented(unharmed, grpc_channel):
    send = grpc_channel.unary_unary(f"{SERVICE}/LogMeals")

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await send(b"", metadata=(("authorization", f"Bearer {unharmed.token}"),))

    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_message_of_more_than_16_megabytes_is_refused(unharmed):
    message = analysis_pb2.AnalyzeFoodRequest(image_data=b"\xff" * (16 * 1024 * 1024 + 1))

    refusal = await unharmed.refused("AnalyzeFood", message)

    assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED


def tokens(service, user_id):
    known = {"sub": user_id, "exp": 4_102_444_800}
    yield "no token", ()
    yield "no scheme", (("authorization", service.token(**known)),)
    for wrong, token in (
        ("expired", service.token(sub=user_id, exp=1_700_000_000)),
        ("without an end", service.token(sub=user_id)),
        ("of another service", jwt.encode(known, "another secret, of 32 characters", "HS256")),
        ("unsigned", jwt.encode(known, "", "none")),
    ):
        yield wrong, (("authorization", f"Bearer {token}"),)
    yield "two tokens", (("authorization", f"Bearer {service.token(**known)}"),) * 2


async def test_without_a_good_token_nothing_is_done(unharmed, service, grpc_stub):
    for wrong, metadata in tokens(service, unharmed.id):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await grpc_stub.LogMeal(meal(), metadata=metadata)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED, wrong


async def test_a_stream_needs_a_token_too(grpc_stub, patient):
    request = account_pb2.ExportUserDataRequest(user_id=patient.id)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for _ in grpc_stub.ExportUserData(request):
            pass

    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest_asyncio.fixture(loop_scope="session")
async def victim(new_patient, at):
    """Somebody with a meal, which nobody else may see, change or add to."""
    at("2025-11-27T10:00:00Z")
    victim = new_patient()
    victim.meal = (await victim.call("LogMeal", meal())).meal
    yield victim
    found = await victim.call("GetMeal", meal_pb2.GetMealRequest(meal_id=victim.meal.id))
    assert found.meal == victim.meal
    assert await victim.meals_logged() == 1
    assert await victim.remaining() == {**UNTOUCHED, "meals": 49}


@pytest.mark.parametrize("rpc", ["GetMeal", "UpdateMeal", "DeleteMeal"])
async def test_the_meal_of_another_user_does_not_exist(rpc, unharmed, victim):
    def request(meal_id):
        if rpc == "UpdateMeal":
            message = meal_pb2.UpdateMealRequest(meal_id=meal_id, meal=meal_pb2.Meal(note="mine"))
            message.update_mask.paths.append("note")
            return message
        return getattr(meal_pb2, f"{rpc}Request")(meal_id=meal_id)

    same = {"x-request-id": "req_1"}
    theirs = await unharmed.refused(rpc, request(victim.meal.id), **same)
    nobodys = await unharmed.refused(rpc, request(NO_SUCH_MEAL), **same)

    is_refused(theirs, grpc.StatusCode.NOT_FOUND, "MEAL_NOT_FOUND")
    assert theirs == nobodys


async def test_the_eleventh_goal_update_of_a_day_says_when_to_come_back(patient, at):
    at("2025-11-27T10:00:00Z")
    change = goal_pb2.UpdateGoalsRequest(ckd_stage=goal_pb2.CKD_STAGE_3)
    for _ in range(10):
        await patient.call("UpdateGoals", change)

    refusal = await patient.refused("UpdateGoals", change)

    is_refused(refusal, grpc.StatusCode.RESOURCE_EXHAUSTED, "GOAL_UPDATE_LIMIT_EXCEEDED")
    assert refusal.message == "일일 목표 변경 한도를 초과했습니다"
    kinds = [each.type_url.rpartition(".")[2] for each in refusal.details.details]
    assert sorted(kinds) == ["ErrorInfo", "QuotaFailure", "RequestInfo", "RetryInfo"]
    assert refusal.trailers["x-ratelimit-limit"] == "10"
    assert refusal.trailers["x-ratelimit-remaining"] == "0"
    assert refusal.trailers["x-ratelimit-reset"] == "1764288000"
