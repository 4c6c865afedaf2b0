"""What is refused early while there is more to do than the process can."""
# ruff: noqa: N802 - the names of the RPCs

import asyncio
from contextlib import asynccontextmanager

import pytest
from google.api import annotations_pb2
from google.rpc import error_details_pb2

from dietcare.api.interceptors.shed import READS, ShedInterceptor
from dietcare.errors import OverloadedError
from dietcare.v1 import analysis_pb2, goal_pb2, service_pb2, service_pb2_grpc, streak_pb2

PREFIX = "/dietcare.v1.DietCareService/"
HEALTH = "/grpc.health.v1.Health/Check"
RPCS = service_pb2.DESCRIPTOR.services_by_name["DietCareService"].methods


class Busy:
    """An interceptor with room for eight, six of them for every call, and calls held open."""

    def __init__(self, metrics) -> None:
        self.shed = ShedInterceptor(8, metrics)
        self._open: list[asyncio.Event] = []
        self._tasks: list[asyncio.Task] = []

    async def hold(self, rpc: str, count: int = 1) -> None:
        for _ in range(count):
            entered, leave = asyncio.Event(), asyncio.Event()

            async def call(entered=entered, leave=leave) -> None:
                async with self.shed.around(None, None, PREFIX + rpc):
                    entered.set()
                    await leave.wait()

            self._open.append(leave)
            self._tasks.append(asyncio.create_task(call()))
            await entered.wait()

    async def release(self) -> None:
        for leave in self._open:
            leave.set()
        await asyncio.gather(*self._tasks)

    async def passes(self, method: str) -> bool:
        try:
            async with self.shed.around(None, None, method):
                return True
        except OverloadedError:
            return False


@asynccontextmanager
async def busy_with(metrics, **held: int):
    busy = Busy(metrics)
    for rpc, count in held.items():
        await busy.hold(rpc, count)
    yield busy
    await busy.release()


async def test_every_rpc_without_effect_is_a_read():
    gets = {
        each.name
        for each in RPCS
        if not each.server_streaming and each.GetOptions().Extensions[annotations_pb2.http].get
    }
    assert gets == READS


async def test_beyond_three_quarters_only_reads_are_served(metrics):
    async with busy_with(metrics, LogMeal=6) as busy:
        assert not await busy.passes(PREFIX + "LogMeal")
        assert not await busy.passes(PREFIX + "AnalyzeFood")
        assert not await busy.passes(PREFIX + "ExportUserData")
        assert await busy.passes(PREFIX + "GetProgress")


async def test_when_all_room_is_taken_reads_are_refused_too_but_never_health(metrics):
    async with busy_with(metrics, LogMeal=6, GetMeal=2) as busy:
        assert not await busy.passes(PREFIX + "GetProgress")
        assert await busy.passes(HEALTH)


async def test_reads_take_room_from_writes(metrics):
    async with busy_with(metrics, GetMeal=7) as busy:
        assert not await busy.passes(PREFIX + "LogMeal")
        assert await busy.passes(PREFIX + "GetMeal")


async def test_room_comes_back_when_calls_end_however_they_do(metrics):
    async with busy_with(metrics, LogMeal=6) as busy:
        busy._tasks[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy._tasks.pop(0)
        assert await busy.passes(PREFIX + "LogMeal")
    for _ in range(9):
        with pytest.raises(RuntimeError):
            async with busy.shed.around(None, None, PREFIX + "LogMeal"):
                raise RuntimeError
    assert await busy.passes(PREFIX + "LogMeal")


async def test_what_was_refused_and_what_is_in_flight_is_counted(metrics):
    async with busy_with(metrics, LogMeal=6) as busy:
        await busy.passes(PREFIX + "LogMeal")
        shown = metrics.exposition().decode()
    assert "dietcare_calls_in_flight 6.0" in shown
    assert 'dietcare_calls_shed_total{method="LogMeal"} 1.0' in shown


@pytest.fixture
def room() -> int:
    """Nine calls in flight, and three more that only read."""
    return 12


class Slow(service_pb2_grpc.DietCareServiceServicer):
    """UpdateGoals waits until the test lets it go."""

    def __init__(self) -> None:
        self.entered = asyncio.Semaphore(0)
        self.leave = asyncio.Event()

    async def UpdateGoals(self, request, context):
        self.entered.release()
        await self.leave.wait()
        return goal_pb2.UpdateGoalsResponse()

    async def GetStreak(self, request, context):
        return streak_pb2.GetStreakResponse()

    async def AnalyzeFood(self, request, context):
        return analysis_pb2.AnalyzeFoodResponse()


async def test_a_refused_call_may_be_made_again_soon_and_takes_no_unit(behind_chain, room, metrics):
    slow = Slow()
    call = await behind_chain(slow)
    held = [asyncio.create_task(call("UpdateGoals")) for _ in range(room * 3 // 4)]
    for _ in held:
        await slow.entered.acquire()

    refused = await call("AnalyzeFood", accept_language="en")
    read = await call("GetStreak")
    slow.leave.set()
    await asyncio.gather(*held)
    analysed = await call("AnalyzeFood")

    assert (refused.code, refused.reason) == ("UNAVAILABLE", "OVERLOADED")
    assert "too many requests" in refused.text
    retry = error_details_pb2.RetryInfo()
    assert any(each.Unpack(retry) for each in refused.status.details)
    assert retry.retry_delay.seconds == 1
    assert read.code == "OK"
    assert analysed.trailers["x-ratelimit-remaining"] == "9"
