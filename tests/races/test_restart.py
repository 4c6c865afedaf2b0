"""A service on its own embedded mongod that is killed forgets no unit."""

import os
import signal

import grpc
import jwt
import pytest

from dietcare.v1 import goal_pb2, quota_pb2, service_pb2_grpc

SECRET = "k" * 40
UPDATE = goal_pb2.UpdateGoalsRequest(ckd_stage=3)


@pytest.fixture
def start(start_one, tmp_path):
    """Starts the service, each time on the same data directory."""
    settings = {
        "DIETCARE_DATA_DIR": str(tmp_path / "data"),
        "DIETCARE_GRPC_ADDRESS": "127.0.0.1:0",
        "DIETCARE_HTTP_ADDRESS": "127.0.0.1:0",
        "DIETCARE_JWT_SECRET": SECRET,
    }
    return lambda: start_one(tmp_path, settings)


@pytest.fixture
def metadata():
    claims = {"sub": os.urandom(12).hex(), "exp": 4_102_444_800}
    return (("authorization", f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"),)


async def test_units_outlive_a_kill(start, metadata):
    server = start()
    async with grpc.aio.insecure_channel(server.grpc) as channel:
        stub = service_pb2_grpc.DietCareServiceStub(channel)
        for _ in range(7):
            await stub.UpdateGoals(UPDATE, metadata=metadata)
        os.kill(server.pid, signal.SIGKILL)
    async with grpc.aio.insecure_channel(start().grpc) as channel:
        stub = service_pb2_grpc.DietCareServiceStub(channel)
        answer = await stub.GetQuota(quota_pb2.GetQuotaRequest(), metadata=metadata)
        assert answer.quota.goal_updates.remaining == 3
        for _ in range(3):
            await stub.UpdateGoals(UPDATE, metadata=metadata)
        refused = stub.UpdateGoals(UPDATE, metadata=metadata)
        assert await refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
