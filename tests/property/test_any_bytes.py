"""Any bytes as a message, any metadata: the answer is one of the contract, and nobody waits."""

import asyncio
import contextlib
import os
import time

import grpc
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dietcare.app import Overrides, build_app
from dietcare.auth.tokens import issue
from dietcare.grpc_server import SERVICE
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.v1 import goal_pb2, meal_pb2, service_pb2, streak_pb2

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "a secret that only these tests know"
METHODS = tuple(service_pb2.DESCRIPTOR.services_by_name["DietCareService"].methods)
EXPECTED = {"OK", "INVALID_ARGUMENT", "UNAUTHENTICATED", "NOT_FOUND", "PERMISSION_DENIED"} | {
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "UNAVAILABLE", "DEADLINE_EXCEEDED",
}  # fmt: skip
SOMEBODY = os.urandom(12).hex()


def bearer(user):
    return f"Bearer {issue(SECRET, 'HS256', user, expires_at=time.time() + 3_600)}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def channel():
    options = Settings(
        _env_file=None,
        jwt_secret=SECRET,
        grpc_address="127.0.0.1:0",
        http_address="",
        limit_ip_per_minute=0,
        openai_base_url="http://127.0.0.1:1/v1",
        vision_timeout_s=0.5,
    )
    async with (
        build_app(options, Overrides(backend=MemoryBackend())) as app,
        serve(app) as addresses,
        grpc.aio.insecure_channel(addresses.grpc) as open_channel,
    ):
        yield open_channel


async def code_of(channel, method, message, metadata):
    """The name of the status code."""
    path = f"/{SERVICE}/{method.name}"
    kind = channel.unary_stream if method.server_streaming else channel.unary_unary
    call = kind(path)(message, metadata=metadata, timeout=10)
    with contextlib.suppress(grpc.aio.AioRpcError):
        await (call.read() if method.server_streaming else call)
        call.cancel()
        return "OK"
    code = await call.code()
    return code.name


async def beside_a_victim(channel, *attack):
    path = f"/{SERVICE}/GetStreak"
    request = streak_pb2.GetStreakRequest().SerializeToString()
    metadata = (("authorization", bearer(SOMEBODY)),)
    victim = channel.unary_unary(path)(request, metadata=metadata, timeout=5)
    code, _ = await asyncio.gather(code_of(channel, *attack), victim)
    assert code in EXPECTED


FOOD = {"name": "\u0000\ud55c", "portion_g": float("nan"), "sodium_mg": float("inf")}
SEEDS = (
    meal_pb2.LogMealRequest(foods=[FOOD] * 3, note="a" * 2_000).SerializeToString(),
    goal_pb2.UpdateGoalsRequest(weight_kg=-1, sodium_mg=1e308).SerializeToString(),
    b"\x0a\xff\xff\xff\xff\x0f",
    b"\x0b" * 200,
)


def changed(seed):
    return st.tuples(st.integers(0, len(seed)), st.binary(max_size=8)).map(
        lambda at: seed[: at[0]] + at[1] + seed[at[0] + len(at[1]) :]
    )


MESSAGES = st.binary(max_size=200) | st.sampled_from(SEEDS).flatmap(changed)
KEYS = st.sampled_from(
    (
        *("authorization", "idempotency-key", "if-match", "x-request-id", "accept-language"),
        *("x-forwarded-for", "traceparent", "x-any", "x-any-bin"),
    )
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300)
PAIRS = st.lists(st.tuples(KEYS, VALUES), max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(METHODS), message=MESSAGES)
async def test_any_bytes_are_answered_by_a_code_of_the_contract(channel, method, message):
    metadata = (("authorization", bearer(os.urandom(12).hex())),)
    await beside_a_victim(channel, method, message, metadata)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.sampled_from(METHODS), pairs=PAIRS, has_token=st.booleans())
async def test_any_metadata_is_answered_by_a_code_of_the_contract(
    channel, method, pairs, has_token
):
    token = [("authorization", bearer(os.urandom(12).hex()))] if has_token else []
    metadata = tuple(
        (key, value.encode() if key.endswith("-bin") else value.strip()) for key, value in pairs
    )
    await beside_a_victim(channel, method, b"", (*token, *metadata))
