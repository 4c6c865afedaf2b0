"""The whole service believes the keys that are published, over REST and over gRPC."""

import asyncio
import time

import grpc
import httpx2
import pytest

from dietcare.api.interceptors import limit_headers
from dietcare.app import Overrides, build_app
from dietcare.auth import jwks
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.v1 import service_pb2_grpc, streak_pb2

USER = "507f1f77bcf86cd799439011"
FOREVER = int(time.time()) + 3_600


@pytest.fixture
async def app(provider):
    settings = Settings(
        _env_file=None,
        jwt_jwks_url=provider.url,
        jwt_algorithms="ES256",
        page_token_key="k" * 32,
        grpc_address="127.0.0.1:0",
        http_address="127.0.0.1:0",
        openai_base_url="http://127.0.0.1:1/v1",
    )
    async with build_app(settings, Overrides(backend=MemoryBackend())) as built:
        yield built


@pytest.fixture
async def service(app):
    async with serve(app) as addresses:
        yield addresses


@pytest.fixture
async def streak(service):
    """Asks for the streak over REST, with these headers."""
    async with httpx2.AsyncClient(base_url=f"http://{service.http}", trust_env=False) as http:

        async def ask(**headers):
            return await http.get("/api/diet/streak", headers=headers)

        yield ask


async def test_a_token_of_the_provider_is_accepted_over_both(provider, new_signer, service, streak):
    signer = new_signer()
    provider.keys = [signer.public()]
    bearer = f"Bearer {signer.token(sub=USER, exp=FOREVER)}"
    assert (await streak(authorization=bearer)).status_code == 200
    async with grpc.aio.insecure_channel(service.grpc) as channel:
        stub = service_pb2_grpc.DietCareServiceStub(channel)
        metadata = (("authorization", bearer),)
        answer = await stub.GetStreak(streak_pb2.GetStreakRequest(), metadata=metadata)
        assert answer.streak.current_streak == 0


async def test_without_a_token_and_with_a_bad_one_the_challenge_differs(
    provider, new_signer, streak
):
    provider.keys = [new_signer().public()]
    none = await streak()
    assert none.status_code == 401
    assert none.headers["www-authenticate"] == 'Bearer realm="dietcare"'
    stranger = f"Bearer {new_signer().token(sub=USER, exp=FOREVER)}"
    for bad in (stranger, "Bearer x", "bearer", "Bearer \ud55c".encode()):
        refused = await streak(authorization=bad)
        assert refused.status_code == 401
        challenge = 'Bearer realm="dietcare", error="invalid_token"'
        assert refused.headers["www-authenticate"] == challenge
    other_scheme = await streak(authorization="Basic dTpw")
    assert other_scheme.status_code == 401
    assert other_scheme.headers["www-authenticate"] == 'Bearer realm="dietcare"'


async def test_without_keys_it_is_unavailable_and_not_the_token_s_fault(
    provider, new_signer, streak
):
    provider.status = "503 Down"
    bearer = f"Bearer {new_signer().token(sub=USER, exp=FOREVER)}"
    refused = await streak(authorization=bearer, **{"accept-language": "en"})
    assert refused.status_code == 503
    assert refused.json()["detail"]["reason"] == "IDENTITY_UNAVAILABLE"
    assert refused.headers["retry-after"] == "5"
    assert provider.url not in refused.text


async def test_calls_come_once_keys_are_known(provider, new_signer, app):
    provider.keys = [new_signer().public()]
    provider.hold.clear()
    asking = asyncio.create_task(app.health.ready())
    await provider.asked.wait()
    provider.hold.set()
    assert await asking
    assert b"dietcare_token_keys_fetched_at_seconds 1." in app.metrics.exposition()


async def test_without_keys_no_calls_should_come(provider, app):
    provider.status = "503 Down"
    assert not await app.health.ready()


@pytest.fixture
def patient_fetches(monkeypatch):
    monkeypatch.setattr(jwks, "FETCH_TIMEOUT_S", 60.0)
    monkeypatch.setattr(limit_headers, "PATIENCE_S", 0.05)


async def test_a_refused_request_to_a_limited_method_does_not_wait_for_keys(
    patient_fetches, provider, new_signer, service
):
    provider.hold.clear()
    bearer = {"authorization": f"Bearer {new_signer().token(sub=USER, exp=FOREVER)}"}
    async with httpx2.AsyncClient(base_url=f"http://{service.http}", trust_env=False) as http:
        refused = await http.post("/api/diet/meals", headers=bearer, content=b"{")
    assert refused.status_code == 400
    assert provider.requests == 1
