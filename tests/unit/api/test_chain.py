"""The interceptors around every call: order, errors, request ids, deadlines."""
# ruff: noqa: N802 - the names of the RPCs

import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2

from dietcare import errors
from dietcare.api.interceptors.access import AccessInterceptor
from dietcare.api.interceptors.access_log import AccessLogInterceptor
from dietcare.api.interceptors.auth import AuthInterceptor
from dietcare.api.interceptors.deadline import DeadlineInterceptor
from dietcare.api.interceptors.errors import ErrorInterceptor
from dietcare.api.interceptors.fence import FenceInterceptor
from dietcare.api.interceptors.idempotency import IdempotencyInterceptor
from dietcare.api.interceptors.ip_limit import IPLimitInterceptor
from dietcare.api.interceptors.limit import LimitInterceptor
from dietcare.api.interceptors.limit_headers import LimitHeadersInterceptor
from dietcare.api.interceptors.parsed import ParsedInterceptor
from dietcare.api.interceptors.request_id import RequestIdInterceptor
from dietcare.api.interceptors.shed import ShedInterceptor
from dietcare.v1 import account_pb2, service_pb2_grpc, streak_pb2


class Does(service_pb2_grpc.DietCareServiceServicer):
    """GetStreak and ExportUserData do what a test hands in."""

    def __init__(self, work=None) -> None:
        self.work = work

    async def GetStreak(self, request, context):
        if self.work is not None:
            await self.work()
        return streak_pb2.GetStreakResponse(streak=streak_pb2.Streak(current_streak=5))

    async def ExportUserData(self, request, context):
        yield account_pb2.ExportUserDataResponse(type=account_pb2.RECORD_TYPE_MEAL)
        if self.work is not None:
            await self.work()


def raising(error: BaseException):
    async def work() -> None:
        raise error

    return work


async def test_the_order_of_the_chain_is_a_contract(app):
    assert [type(each) for each in app.interceptors] == [
        RequestIdInterceptor,
        AccessLogInterceptor,
        ErrorInterceptor,
        ShedInterceptor,
        DeadlineInterceptor,
        IPLimitInterceptor,
        ParsedInterceptor,
        AuthInterceptor,
        AccessInterceptor,
        FenceInterceptor,
        LimitHeadersInterceptor,
        IdempotencyInterceptor,
        LimitInterceptor,
    ]


async def test_a_call_comes_back_with_its_answer(behind_chain):
    answer = await (await behind_chain(Does()))("GetStreak")

    assert (answer.code, answer.message.streak.current_streak) == ("OK", 5)


@pytest.mark.parametrize("method", ["GetStreak", "ExportUserData"])
@pytest.mark.parametrize(
    "error",
    [RuntimeError("mongodb://root:hunter2@db"), KeyError("507f"), grpc.RpcError("upstream")],
)
async def test_an_unknown_exception_is_internal_and_tells_nothing(behind_chain, method, error):
    answer = await (await behind_chain(Does(raising(error))))(method, accept_language="en")

    assert (answer.code, answer.reason) == ("INTERNAL", "INTERNAL")
    assert answer.text == "Something went wrong on the server"
    assert "hunter2" not in str(answer.status) + str(answer.trailers)


@pytest.mark.parametrize("method", ["GetStreak", "ExportUserData"])
async def test_a_cancellation_that_nobody_asked_for_is_internal(behind_chain, method):
    answer = await (await behind_chain(Does(raising(asyncio.CancelledError()))))(method)

    assert (answer.code, answer.reason) == ("INTERNAL", "INTERNAL")


async def test_a_call_that_its_client_cancels_stays_cancelled(behind_chain, metrics):
    started = asyncio.Event()

    async def work() -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task((await behind_chain(Does(work)))("GetStreak"))
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert 'dietcare_rpc_total{code="CANCELLED",method="GetStreak"} 1.0' in (
        metrics.exposition().decode()
    )


@pytest.mark.parametrize("method", ["GetStreak", "ExportUserData"])
@pytest.mark.parametrize(
    ("error", "code", "reason", "http_status"),
    [
        (errors.GoalNotFoundError(), "NOT_FOUND", "GOAL_NOT_FOUND", ""),
        (errors.StaleVersionError(), "FAILED_PRECONDITION", "STALE_VERSION", "412"),
        (errors.OpenAIAPIError(), "UNAVAILABLE", "VISION_UNAVAILABLE", "502"),
        (errors.DatabaseConnectionError(), "UNAVAILABLE", "DATABASE_UNAVAILABLE", ""),
        (errors.DatabaseQueryError(), "INTERNAL", "DATABASE_ERROR", ""),
        (errors.UnimplementedError(), "UNIMPLEMENTED", "UNIMPLEMENTED", ""),
    ],
)
async def test_a_known_error_has_its_code_and_reason(
    behind_chain, method, error, code, reason, http_status
):
    answer = await (await behind_chain(Does(raising(error))))(method)

    assert (answer.code, answer.reason) == (code, reason)
    info = answer.detail(error_details_pb2.ErrorInfo)
    assert (info.domain, info.metadata.get("http_status", "")) == ("dietcare", http_status)


async def test_what_a_handler_aborts_with_passes_unchanged(behind_chain):
    class Aborts(Does):
        async def GetStreak(self, request, context):
            await context.abort(grpc.StatusCode.DATA_LOSS, "as the handler said")

    answer = await (await behind_chain(Aborts()))("GetStreak")

    assert (answer.code, answer.text) == ("DATA_LOSS", "as the handler said")


@pytest.mark.parametrize("given", ["req_abc123", "A.b-c_9", "x" * 128])
@pytest.mark.parametrize("method", ["GetStreak", "ExportUserData"])
async def test_a_request_id_of_the_client_is_taken(behind_chain, given, method):
    call = await behind_chain(Does())
    failing = await behind_chain(Does(raising(errors.MealNotFoundError())))

    failed = await failing(method, x_request_id=given)
    assert failed.trailers["x-request-id"] == given
    assert failed.detail(error_details_pb2.RequestInfo).request_id == given
    if method == "GetStreak":
        assert (await call(method, x_request_id=given)).trailers["x-request-id"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 129, "a b", "a\nb", "현미밥", "a/b", "a%20b"])
async def test_otherwise_a_request_id_is_made(behind_chain, given):
    call = await behind_chain(Does())
    said = {} if given is None else {"x_request_id": given}

    ids = {(await call("GetStreak", **said)).trailers["x-request-id"] for _ in range(20)}

    assert len(ids) == 20
    assert all(each.startswith("req_") and 5 < len(each) <= 128 for each in ids)


@pytest.mark.parametrize(
    ("accept_language", "sentence"),
    [(None, "식사 기록을 찾을 수 없습니다"), ("en", "There is no such meal")],
)
async def test_a_message_is_korean_unless_english_is_preferred(
    behind_chain, accept_language, sentence
):
    call = await behind_chain(Does(raising(errors.MealNotFoundError())))
    said = {"accept_language": accept_language} if accept_language else {}

    assert (await call("GetStreak", **said)).text == sentence


async def test_every_call_is_counted_by_its_code_and_reason(behind_chain, metrics):
    await (await behind_chain(Does()))("GetStreak")
    await (await behind_chain(Does(raising(errors.MealNotFoundError()))))("GetStreak")
    await (await behind_chain(Does()))("GetStreak", auth=False)

    lines = metrics.exposition().decode().splitlines()
    for line in (
        'dietcare_rpc_total{code="OK",method="GetStreak"} 1.0',
        'dietcare_rpc_total{code="NOT_FOUND",method="GetStreak"} 1.0',
        'dietcare_rpc_total{code="UNAUTHENTICATED",method="GetStreak"} 1.0',
        'dietcare_rpc_errors_total{method="GetStreak",reason="MEAL_NOT_FOUND"} 1.0',
        'dietcare_rpc_seconds_count{method="GetStreak"} 3.0',
    ):
        assert line in lines
