"""A service on its own embedded mongod that is killed forgets no unit."""

import asyncio
import os

import pytest
from server_processes import SECRET

from dietcare.v1 import goal_pb2, quota_pb2

UPDATE = goal_pb2.UpdateGoalsRequest(ckd_stage=3)


@pytest.fixture
def restart(start, tmp_path):
    """Starts the service, each time on the same data directory."""
    settings = {"DIETCARE_DATA_DIR": str(tmp_path / "data"), "DIETCARE_JWT_SECRET": SECRET}

    async def one():
        (server,) = await asyncio.to_thread(start, [(tmp_path, settings)])
        return server

    return one


async def test_units_outlive_a_kill(restart, call):
    user = os.urandom(12).hex()
    server = await restart()
    for _ in range(7):
        await call(server, "UpdateGoals", user, UPDATE)
    server.kill()
    server = await restart()
    answer = await call(server, "GetQuota", user, quota_pb2.GetQuotaRequest())
    assert answer.quota.goal_updates.remaining == 3
    codes = [await call.code(server, "UpdateGoals", user, UPDATE) for _ in range(4)]
    assert codes == ["OK", "OK", "OK", "RESOURCE_EXHAUSTED"]
