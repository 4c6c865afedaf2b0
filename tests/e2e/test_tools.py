"""What developers use: grpcurl and buf curl, by reflection alone."""

import asyncio
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

pytestmark = pytest.mark.asyncio(loop_scope="session")

BIN = Path(sys.prefix) / "bin"
SERVICE = "dietcare.v1.DietCareService"
STREAK = f"{SERVICE}/GetStreak"


@pytest.fixture
def run(tmp_path):
    """Runs a tool of this installation."""

    async def run(tool, *arguments):
        process = await asyncio.create_subprocess_exec(
            BIN / tool,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        )
        try:
            async with asyncio.timeout(30):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return SimpleNamespace(code=process.returncode, out=out.decode(), err=err.decode())

    return run


async def test_grpcurl_lists_the_services_by_reflection(run, grpc_addr):
    listed = await run("grpcurl", "-plaintext", grpc_addr, "list")

    assert listed.out.split() == [
        SERVICE,
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    ]


async def test_grpcurl_describes_the_service_and_its_types(run, grpc_addr):
    described = await run("grpcurl", "-plaintext", grpc_addr, "describe", SERVICE)

    assert described.out.count("rpc ") == 15
    assert "rpc LogMeal ( .dietcare.v1.LogMealRequest ) returns" in described.out
    assert "rpc ExportUserData" in described.out
    described = await run("grpcurl", "-plaintext", grpc_addr, "describe", "dietcare.v1.MealType")
    for value in ("BREAKFAST", "LUNCH", "DINNER", "SNACK"):
        assert f"MEAL_TYPE_{value}" in described.out


async def test_grpcurl_calls_with_a_token(run, grpc_addr, patient):
    header = f"authorization: Bearer {patient.token}"

    called = await run("grpcurl", "-plaintext", "-emit-defaults", "-H", header, grpc_addr, STREAK)

    assert called.code == 0, called.err
    assert json.loads(called.out)["streak"]["current_streak"] == 0


async def test_grpcurl_shows_the_error_without_a_token(run, grpc_addr):
    called = await run("grpcurl", "-plaintext", grpc_addr, STREAK)

    assert called.code != 0
    assert "Code: Unauthenticated" in called.err
    assert "인증이 필요합니다" in called.err
    # It can only write the details because reflection serves their types.
    assert "google.rpc.ErrorInfo" in called.err
    assert '"reason":"UNAUTHENTICATED"' in called.err.replace(" ", "")


CURL = ("curl", "--protocol", "grpc", "--http2-prior-knowledge", "--reflect", "-d", "{}")


async def test_buf_curl_calls_with_a_token(run, grpc_addr, patient):
    header = f"authorization: Bearer {patient.token}"

    called = await run(
        "buf", *CURL, "--emit-defaults", "-H", header, f"http://{grpc_addr}/{STREAK}"
    )

    assert called.code == 0, called.err
    assert json.loads(called.out)["streak"]["longestStreak"] == 0


async def test_buf_curl_shows_the_error_without_a_token(run, grpc_addr):
    called = await run("buf", *CURL, f"http://{grpc_addr}/{STREAK}")

    assert called.code != 0
    assert '"code": "unauthenticated"' in called.err
    assert "인증이 필요합니다" in called.err
    assert '"type": "google.rpc.ErrorInfo"' in called.err


async def _file_with(channel, symbol):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    asked = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
    call = stub.ServerReflectionInfo(iter([asked]))
    async for answer in call:
        names = [
            FileDescriptorProto.FromString(file).name
            for file in answer.file_descriptor_response.file_descriptor_proto
        ]
        call.cancel()
        return names
    return []


@pytest.mark.parametrize(
    "symbol", ["ErrorInfo", "BadRequest", "QuotaFailure", "RetryInfo", "RequestInfo"]
)
async def test_reflection_serves_the_types_of_error_details(symbol, grpc_channel):
    names = await _file_with(grpc_channel, f"google.rpc.{symbol}")

    assert "google/rpc/error_details.proto" in names


@pytest.mark.parametrize("name", ["", SERVICE])
async def test_the_health_service_says_serving_without_a_token(name, grpc_channel):
    health = health_pb2_grpc.HealthStub(grpc_channel)

    answer = await health.Check(health_pb2.HealthCheckRequest(service=name))

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_the_health_of_an_unknown_service_is_not_found(grpc_channel):
    health = health_pb2_grpc.HealthStub(grpc_channel)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await health.Check(health_pb2.HealthCheckRequest(service="nothing"))

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
