"""No call lasts for ever."""
# ruff: noqa: N802 - the names of the RPCs

import asyncio

import pytest

from dietcare import errors
from dietcare.api.interceptors.access_log import AccessLogInterceptor
from dietcare.api.interceptors.deadline import (
    DEFAULT_S,
    LONGER_S,
    STREAM_STALL_S,
    DeadlineInterceptor,
)
from dietcare.api.interceptors.errors import ErrorInterceptor
from dietcare.api.interceptors.request_id import RequestIdInterceptor
from dietcare.v1 import account_pb2, analysis_pb2, service_pb2_grpc, streak_pb2


class Hangs(service_pb2_grpc.DietCareServiceServicer):
    """Never answers; keeps how each call ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def _hang(self) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise

    async def GetStreak(self, request, context):
        await self._hang()

    async def AnalyzeFood(self, request, context):
        await self._hang()

    async def ExportUserData(self, request, context):
        yield account_pb2.ExportUserDataResponse()
        await self._hang()


@pytest.fixture
def quick(behind_chain, metrics):
    """A chain whose own deadlines are short, but for GetStreak's five seconds."""

    async def build(servicer):
        deadline = DeadlineInterceptor({"AnalyzeFood": 0.02}, stall_s=0.02)
        parts = [
            RequestIdInterceptor(),
            AccessLogInterceptor(metrics),
            ErrorInterceptor(),
            deadline,
        ]
        return await behind_chain(servicer, parts)

    return build


def test_the_deadlines_of_the_design():
    assert (DEFAULT_S, STREAM_STALL_S) == (5, 30)
    assert LONGER_S == {"AnalyzeFood": 30, "DeleteUserData": 60}


async def test_our_own_deadline_ends_a_call(quick):
    servicer = Hangs()

    answer = await (await quick(servicer))("AnalyzeFood")

    assert (answer.code, answer.reason) == ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")
    assert servicer.ended == ["cancelled"]
    assert "x-request-id" in answer.trailers


async def test_a_shorter_deadline_of_the_client_ends_a_call(behind_chain):
    servicer = Hangs()

    answer = await (await behind_chain(servicer))("GetStreak", timeout_s=0.05)

    assert answer.code == "DEADLINE_EXCEEDED"
    assert servicer.ended == ["cancelled"]


async def test_a_stream_without_progress_ends(quick):
    servicer = Hangs()

    answer = await (await quick(servicer))("ExportUserData")

    assert (answer.code, answer.reason) == ("DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED")
    assert servicer.ended == ["cancelled"]


@pytest.mark.parametrize("method", ["AnalyzeFood", "ExportUserData"])
async def test_a_timeout_of_something_else_is_a_crash(quick, method):
    class TimesOut(service_pb2_grpc.DietCareServiceServicer):
        async def AnalyzeFood(self, request, context):
            raise TimeoutError("a driver's own")

        async def ExportUserData(self, request, context):
            yield account_pb2.ExportUserDataResponse()
            raise TimeoutError("a driver's own")

    answer = await (await quick(TimesOut()))(method)

    assert (answer.code, answer.reason) == ("INTERNAL", "INTERNAL")


async def test_a_unit_is_given_back_when_time_runs_out(behind_chain, token, limits, user):
    answer = await (await behind_chain(Hangs()))(
        "AnalyzeFood", analysis_pb2.AnalyzeFoodRequest(image_url="https://x/y"), timeout_s=0.05
    )

    assert answer.code == "DEADLINE_EXCEEDED"
    assert (await limits["analyses"].status(user)).remaining == 10


async def test_work_that_ends_in_time_is_not_disturbed(quick):
    class Answers(service_pb2_grpc.DietCareServiceServicer):
        async def GetStreak(self, request, context):
            await asyncio.sleep(0)
            return streak_pb2.GetStreakResponse()

        async def ExportUserData(self, request, context):
            for _ in range(3):
                await asyncio.sleep(0)
                yield account_pb2.ExportUserDataResponse()

    call = await quick(Answers())

    assert (await call("GetStreak")).code == "OK"
    assert len((await call("ExportUserData")).message) == 3


async def test_a_known_error_within_the_deadline_keeps_its_code(quick):
    class Refuses(service_pb2_grpc.DietCareServiceServicer):
        async def AnalyzeFood(self, request, context):
            raise errors.OpenAIAPIError

    assert (await (await quick(Refuses()))("AnalyzeFood")).reason == "VISION_UNAVAILABLE"
