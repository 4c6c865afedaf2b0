"""The unit is taken before the work, and given back where there was none."""
# ruff: noqa: N802 - the names of the RPCs

import asyncio

import pytest
from google.rpc import error_details_pb2

from dietcare import errors
from dietcare.api import call as current_call
from dietcare.domain.quota import LimitName
from dietcare.limits.port import UserLimit
from dietcare.v1 import goal_pb2, meal_pb2, service_pb2_grpc

MIDNIGHT = "1764288000"  # 2025-11-28T00:00:00Z
IN_AN_HOUR = "1764216000"  # 2025-11-27T04:00:00Z


class Works(service_pb2_grpc.DietCareServiceServicer):
    """LogMeal fails with `error` where there is one, and is for nothing where `refunded`."""

    def __init__(self, error: BaseException | None = None, *, refunded: bool = False) -> None:
        self.error, self.refunded = error, refunded

    async def LogMeal(self, request, context):
        if self.error is not None:
            raise self.error
        current_call.current().refunded = self.refunded
        return meal_pb2.LogMealResponse()


async def test_a_success_costs_a_unit_and_tells_what_is_left(behind_chain):
    call = await behind_chain(Works())

    lefts = [(await call("LogMeal")).left for _ in range(3)]

    assert lefts == [("3", "2", MIDNIGHT), ("3", "1", MIDNIGHT), ("3", "0", MIDNIGHT)]


async def test_at_nothing_left_everything_is_429(behind_chain, clock):
    call = await behind_chain(Works())
    for _ in range(3):
        await call("LogMeal")
    clock.set("2025-11-27T23:59:00.500Z")

    answer = await call("LogMeal", accept_language="en")

    assert (answer.code, answer.reason) == ("RESOURCE_EXHAUSTED", "MEAL_LOG_LIMIT_EXCEEDED")
    assert answer.text == "The daily limit of logged meals is reached"
    assert answer.left == ("3", "0", MIDNIGHT)
    info = answer.detail(error_details_pb2.ErrorInfo)
    assert info.metadata["reset_at"] == "2025-11-28T00:00:00Z"
    assert answer.detail(error_details_pb2.RetryInfo).retry_delay.ToMilliseconds() == 59_500
    (violation,) = answer.detail(error_details_pb2.QuotaFailure).violations
    assert violation.quota_value == 3


async def test_exactly_so_many_of_many_at_once_get_through(behind_chain):
    call = await behind_chain(Works())

    answers = await asyncio.gather(*(call("LogMeal") for _ in range(40)))

    assert sorted(each.code for each in answers) == ["OK"] * 3 + ["RESOURCE_EXHAUSTED"] * 37


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidMealDataError.of("foods", "field.required"),
        errors.OpenAIAPIError(),
        errors.DatabaseConnectionError(),
        RuntimeError("crash"),
        asyncio.CancelledError(),
    ],
)
async def test_a_call_that_fails_costs_nothing(behind_chain, limits, user, error):
    answer = await (await behind_chain(Works(error)))("LogMeal")

    assert answer.code != "OK"
    assert answer.left == ("3", "3", MIDNIGHT)
    assert (await limits[LimitName.MEALS].status(user)).remaining == 3


async def test_a_success_that_cost_nothing_gives_its_unit_back(behind_chain):
    answer = await (await behind_chain(Works(refunded=True)))("LogMeal")

    assert (answer.code, answer.left) == ("OK", ("3", "3", MIDNIGHT))


async def test_a_call_that_its_client_cancels_costs_nothing(behind_chain, limits, user):
    started = asyncio.Event()

    class Hangs(Works):
        async def LogMeal(self, request, context):
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task((await behind_chain(Hangs()))("LogMeal"))
    await started.wait()
    assert (await limits[LimitName.MEALS].status(user)).remaining == 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (await limits[LimitName.MEALS].status(user)).remaining == 3


class Fragile(UserLimit):
    """Loses its storage once a unit is taken."""

    def __init__(self, inner: UserLimit) -> None:
        self._inner = inner

    async def take(self, user_id):
        return await self._inner.take(user_id)

    async def give_back(self, user_id, ticket):
        raise errors.DatabaseConnectionError

    async def status(self, user_id):
        raise errors.DatabaseConnectionError


@pytest.mark.parametrize(
    ("servicer", "code", "reason"),
    [
        (Works(errors.InvalidMealDataError()), "INVALID_ARGUMENT", "INVALID_MEAL_DATA"),
        (Works(refunded=True), "OK", None),
    ],
)
async def test_a_unit_that_can_not_be_given_back_changes_no_answer(
    behind_chain, limits, servicer, code, reason
):
    limits[LimitName.MEALS] = Fragile(limits[LimitName.MEALS])

    answer = await (await behind_chain(servicer))("LogMeal")

    assert (answer.code, getattr(answer, "reason", None)) == (code, reason)


async def test_a_service_pays_with_the_unit_of_the_user(behind_chain, token, limits, other, user):
    call = await behind_chain(Works())
    service = token("importer", scope="diet:service")

    answer = await call("LogMeal", meal_pb2.LogMealRequest(user_id=other.upper()), auth=service)

    assert answer.left == ("3", "2", MIDNIGHT)
    assert (await limits[LimitName.MEALS].status(other)).remaining == 2
    assert (await limits[LimitName.MEALS].status(user)).remaining == 3


@pytest.mark.parametrize("whom", ["507f1f77bcf86cd7994390ff", "nobody"])
async def test_a_call_that_will_be_refused_takes_nobodys_unit(call, limits, whom, user):
    """Its answer tells the caller's own limit, as every answer of a limited endpoint."""
    request = goal_pb2.UpdateGoalsRequest(user_id=whom, ckd_stage=goal_pb2.CKD_STAGE_3)

    answer = await call("UpdateGoals", request)

    assert answer.code in {"PERMISSION_DENIED", "INVALID_ARGUMENT"}
    assert answer.left == ("10", "10", MIDNIGHT)


async def test_a_service_that_names_nobody_has_no_limit_to_tell(call, token):
    answer = await call("LogMeal", auth=token("importer", scope="diet:service"))

    assert (answer.code, answer.left) == ("INVALID_ARGUMENT", (None, None, None))


async def test_what_is_not_limited_says_nothing_of_limits(call):
    for method in ("GetStreak", "GetQuota", "ListMeals", "ListDefaultGoals"):
        assert (await call(method)).left == (None, None, None)
