"""A service that has more to do than it can: writing waits, reading goes on, health always does."""

import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from dietcare.v1 import meal_pb2

MEAL = {"meal_type": "lunch", "foods": [{"name": "밥", "portion_g": 210}]}


@pytest.fixture
async def busy(start, new_user):
    """A service with room for eight calls, in which six analyses hang; and those who sent them."""
    service = await start(limit_calls_in_flight=8)
    service.vision.answer = None
    users = [new_user(service) for _ in range(6)]
    hanging = []
    for user in users:
        service.vision.looking.clear()
        hanging.append(asyncio.create_task(user.analyze()))
        await service.vision.looking.wait()
    yield service
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_over_rest_a_write_is_told_when_to_come_back(busy, new_user, left_told):
    user = new_user(busy)
    refused = await user.send("POST", "/meals", json=MEAL, headers={"accept-language": "en"})
    assert refused.status_code == 503
    assert refused.json()["detail"]["reason"] == "OVERLOADED"
    assert refused.headers["retry-after"] == "1"
    assert (await user.left())["meals"] == 50


async def test_over_grpc_it_is_unavailable_with_the_same(busy, new_user):
    call = new_user(busy).call("LogMeal", meal_pb2.LogMealRequest())
    assert await call.code() is grpc.StatusCode.UNAVAILABLE
    details = dict(await call.trailing_metadata())["grpc-status-details-bin"]
    retry = error_details_pb2.RetryInfo()
    assert any(each.Unpack(retry) for each in status_pb2.Status.FromString(details).details)
    assert retry.retry_delay.seconds == 1


async def test_reading_and_health_go_on(busy, new_user):
    assert (await new_user(busy).send("GET", "/streak")).status_code == 200
    assert (await busy.http.get("/readyz")).status_code == 200
    async with grpc.aio.insecure_channel(busy.addresses.grpc) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
