"""The whole service in front of the simulator, failing and not, as its clients see it."""

import asyncio
import base64
import io
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import grpc
import httpx2
import jwt
import pytest
import structlog.testing
from google.rpc import error_details_pb2, status_pb2
from PIL import Image

from dietcare.app import App, Overrides, build_app
from dietcare.local.simulator import serve_simulator
from dietcare.local.simulator_modes import GOOD, SimulatorMode
from dietcare.serving import Addresses, serve
from dietcare.settings import Settings
from dietcare.telemetry.logs import QUIET
from dietcare.v1 import analysis_pb2, service_pb2_grpc
from dietcare.vision.reader import WebPictureReader

SECRET = "s" * 40
KEY = "sk-secret-of-the-test"
QUERY = "signature=secret-of-the-url"
PATH = f"/meal.jpg?{QUERY}"
FAILURES = sorted(set(SimulatorMode) - GOOD)
UNITS = 10


class Requests:
    """What the simulator was asked."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.asked = asyncio.Event()

    def add(self, request: Any) -> None:
        self.seen.append(request)
        self.asked.set()


class Service:
    """The service in front of a simulator in one mode, and a user of it."""

    def __init__(self, app: App, addresses: Addresses, requests: Requests) -> None:
        self.app = app
        self.requests = requests.seen
        self.asked = requests.asked
        self.user = os.urandom(12).hex()
        token = jwt.encode({"sub": self.user, "exp": 4_102_444_800}, SECRET, "HS256")
        self._bearer = f"Bearer {token}"
        self._http = httpx2.AsyncClient(base_url=f"http://{addresses.http}", trust_env=False)
        self._channel = grpc.aio.insecure_channel(addresses.grpc)
        self._stub: Any = service_pb2_grpc.DietCareServiceStub(self._channel)

    async def aclose(self) -> None:
        await self._http.aclose()
        await self._channel.close()

    async def rest(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        headers = {"authorization": self._bearer, "accept-language": "en"}
        return await self._http.request(method, f"/api/diet{path}", json=body, headers=headers)

    async def analyze(self, photo: bytes, timeout: float | None = None) -> Any:
        request = analysis_pb2.AnalyzeFoodRequest(image_data=photo)
        metadata = (("authorization", self._bearer), ("accept-language", "en"))
        return await self._stub.AnalyzeFood(request, metadata=metadata, timeout=timeout)

    async def units_left(self) -> int:
        left: int = (await self.rest("GET", "/quota")).json()["quota"]["analyses"]["remaining"]
        return left

    async def analyses(self) -> list[Any]:
        stored = self.app.backend.repositories.analyses.all(self.user)
        return [analysis async for analysis in stored]


@pytest.fixture
async def start(make_fetcher: Any, host: Any, photo: bytes) -> AsyncIterator[Callable[..., Any]]:
    """Starts the service with a simulator in this mode and pictures from the test's own host."""
    host.answers(PATH, "200 OK", photo)
    async with AsyncExitStack() as stack:

        async def begin(mode: SimulatorMode, **more: Any) -> Service:
            requests = Requests()
            url = await stack.enter_async_context(serve_simulator([mode], on_request=requests.add))
            settings = Settings(
                _env_file=None,
                jwt_secret=SECRET,
                grpc_address="127.0.0.1:0",
                http_address="127.0.0.1:0",
                openai_api_key=KEY,
                openai_base_url=url,
                **{"vision_timeout_s": 1.0, "vision_breaker_failures": 100, **more},
            )
            overrides = Overrides(pictures=WebPictureReader(make_fetcher()))
            app = await stack.enter_async_context(build_app(settings, overrides))
            service = Service(app, await stack.enter_async_context(serve(app)), requests)
            stack.push_async_callback(service.aclose)
            return service

        yield begin


@pytest.mark.parametrize("mode", FAILURES)
async def test_a_failure_of_the_vendor_is_a_502_that_costs_keeps_and_tells_nothing(
    mode: SimulatorMode, start: Any, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="dietcare")
    with structlog.testing.capture_logs() as lines:
        service = await start(mode)

        url = f"https://pictures.example{PATH}"
        answer = await service.rest("POST", "/analyze", {"image_url": url})
        asked = len(service.requests)
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await service.analyze(photo)

        assert answer.status_code == answer.json()["error_code"] == 502
        assert answer.json()["detail"]["reason"] == "VISION_UNAVAILABLE"
        assert answer.headers["x-ratelimit-remaining"] == str(UNITS)
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE
        assert error.value.details() == answer.json()["message"]
        assert _reason(error.value) == "VISION_UNAVAILABLE"
        assert await service.units_left() == UNITS
        # The same picture again was not answered from the cache, and nothing is stored.
        assert 1 <= asked < len(service.requests)
        assert await service.analyses() == []

    logged = f"{caplog.text}\n{lines}"
    assert "VISION_UNAVAILABLE" in logged
    assert "vision call failed" in logged
    sent = service.requests[0]["messages"][1]["content"][1]["image_url"]["url"]
    pixels = sent.partition(",")[2]
    for secret in (KEY, QUERY, pixels[100:140], base64.b64encode(photo)[100:140].decode(), SECRET):
        assert secret not in logged
        assert secret not in answer.text
        assert secret not in str(error.value)
    assert "simulated:" not in logged + answer.text + str(error.value)


async def test_only_loggers_that_are_kept_quiet_tell_of_a_photo_even_at_debug(
    start: Any, host: Any, caplog: pytest.LogCaptureFixture
) -> None:
    author = "the-author-of-the-photo"
    exif = Image.Exif()
    exif[0x013B] = author
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "JPEG", exif=exif)
    host.answers(PATH, "200 OK", buffer.getvalue())
    caplog.set_level(logging.DEBUG)
    service = await start(SimulatorMode.OK)
    body = {"image_url": f"https://pictures.example{PATH}"}
    assert (await service.rest("POST", "/analyze", body)).status_code == 200

    sent = service.requests[0]["messages"][1]["content"][1]["image_url"]["url"]
    secrets = (KEY, QUERY, author, "pictures.example", sent.partition(",")[2][100:140])
    telling = {
        (record.name.partition(".")[0], record.levelno)
        for record in caplog.records
        if any(secret in record.getMessage() for secret in secrets)
    }
    assert telling  # else this test would prove nothing
    assert not [each for each in telling if each[0] not in QUIET or each[1] >= logging.WARNING]


def _reason(error: grpc.aio.AioRpcError) -> str:
    trailers = {str(key): value for key, value in error.trailing_metadata() or ()}
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in status.details)
    return str(info.reason)


async def test_no_food_is_an_answer_with_a_message(start: Any, photo: bytes) -> None:
    service = await start(SimulatorMode.NOT_FOOD)
    body = {"image_data": base64.b64encode(photo).decode()}
    answer = await service.rest("POST", "/analyze", body)
    assert answer.status_code == 200
    analysis = answer.json()["analysis"]
    assert (analysis["foods"], analysis["message"]) == ([], "No food was seen in the picture")
    assert answer.headers["x-ratelimit-remaining"] == str(UNITS - 1)
    assert (await service.analyze(photo)).analysis.message


async def test_what_is_implausible_is_marked_at_its_food_also_out_of_the_cache(
    start: Any, photo: bytes
) -> None:
    service = await start(SimulatorMode.IMPLAUSIBLE)
    body = {"image_data": base64.b64encode(photo).decode()}
    for cached in (False, True):
        analysis = (await service.rest("POST", "/analyze", body)).json()["analysis"]
        assert analysis["cached"] is cached
        for food in analysis["foods"]:
            warnings = [(each["code"], each["field"]) for each in food["warnings"]]
            assert warnings == [("IMPLAUSIBLE", "portion_g")]
    stored = await service.analyses()
    assert {(each.model, each.prompt_version != "") for each in stored} == {("simulated", True)}
    assert sorted(each.tokens for each in stored) == [0, 1_220]  # what the vendor bills, once
    assert len(service.requests) == 1


async def test_a_hundred_identical_pictures_at_once_are_one_request_and_cost_one_unit(
    start: Any, photo: bytes
) -> None:
    service = await start(SimulatorMode.OK, limit_analyses_per_hour=200, vision_timeout_s=20.0)
    answers = await asyncio.gather(*(service.analyze(photo) for _ in range(100)))
    assert len(service.requests) == 1
    assert [answer.analysis.cached for answer in answers].count(False) == 1
    assert await service.units_left() == 199
    assert len({answer.analysis.analysis_id for answer in answers}) == 100


async def test_whoever_queues_for_longer_than_their_deadline_gets_it_and_their_unit_back(
    start: Any, photo: bytes, another_photo: bytes
) -> None:
    service = await start(SimulatorMode.HANG, vision_concurrency=1, vision_timeout_s=20.0)
    first = asyncio.ensure_future(service.analyze(photo))
    await service.asked.wait()
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await service.analyze(another_photo, timeout=0.3)
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert len(service.requests) == 1
    first.cancel()
    async with asyncio.timeout(5):
        while await service.units_left() != UNITS:
            pass


async def test_whoever_hangs_up_over_rest_gets_their_unit_back(start: Any, photo: bytes) -> None:
    service = await start(SimulatorMode.HANG, vision_timeout_s=20.0)
    body = {"image_data": base64.b64encode(photo).decode()}
    call = asyncio.ensure_future(service.rest("POST", "/analyze", body))
    await service.asked.wait()
    assert await service.units_left() == UNITS - 1
    call.cancel()
    async with asyncio.timeout(5):
        while await service.units_left() != UNITS:
            pass
    assert await service.analyses() == []


async def test_an_open_breaker_answers_in_under_50_ms_and_costs_nothing(
    start: Any, photo: bytes
) -> None:
    service = await start(SimulatorMode.SERVER_ERROR, vision_breaker_failures=1)
    body = {"image_data": base64.b64encode(photo).decode()}
    took_s = []
    for _ in range(20):
        began = time.monotonic()
        answer = await service.rest("POST", "/analyze", body)
        took_s.append(time.monotonic() - began)
        assert answer.status_code == 502
    assert len(service.requests) == 1
    assert min(took_s[1:]) < 0.05  # the best of many: this machine may be busy
    assert await service.units_left() == UNITS


async def test_who_shares_a_look_is_not_cut_by_anothers_deadline(start: Any, photo: bytes) -> None:
    service = await start(SimulatorMode.HANG, vision_timeout_s=2.0)
    hasty = asyncio.ensure_future(service.analyze(photo, timeout=0.5))
    await service.asked.wait()
    patient = asyncio.ensure_future(service.analyze(photo, timeout=20))
    ends: list[Any] = await asyncio.gather(hasty, patient, return_exceptions=True)
    assert [end.code() for end in ends] == [
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNAVAILABLE,  # when the model's own time was over
    ]
    assert len(service.requests) == 1
    assert await service.units_left() == UNITS
