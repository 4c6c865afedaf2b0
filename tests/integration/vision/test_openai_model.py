"""The real SDK against the simulator over real HTTP: every way to fail is a typed error."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from dietcare.errors import OpenAIAPIError
from dietcare.local.simulator import serve_simulator
from dietcare.local.simulator_app import MODES, RETRY_AFTER_S
from dietcare.local.simulator_modes import GOOD
from dietcare.vision.bounded import MAX_REPLY_BYTES
from dietcare.vision.openai_model import OpenAIVisionModel
from dietcare.vision.port import ImpossibleSightingError, Picture, UnansweredError
from dietcare.vision.prompt import PROMPT_VERSION

KEY = "sk-secret-of-the-test"
SLOW = {"hang", "trickle"}
KINDS: dict[str, type[OpenAIAPIError]] = {
    **dict.fromkeys(("429", "500", *SLOW), UnansweredError),
    **dict.fromkeys(("nan", "negative", "huge"), ImpossibleSightingError),
}


@asynccontextmanager
async def model_on(base_url: str, timeout_s: float = 5.0) -> AsyncIterator[OpenAIVisionModel]:
    model = OpenAIVisionModel(
        api_key=KEY,
        model="configured",
        base_url=base_url,
        timeout_s=timeout_s,
        detail="low",
    )
    try:
        yield model
    finally:
        await model.aclose()


def base_url_of(server: asyncio.Server) -> str:
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


@pytest.fixture
def picture(photo: bytes) -> Picture:
    return Picture(photo, "0" * 64)


async def test_foods_come_back(picture: Picture) -> None:
    async with serve_simulator() as url, model_on(url) as model:
        first, second = await model.look(picture), await model.look(picture)
    assert first.foods
    assert first.foods == second.foods
    assert (first.model, first.prompt_version) == ("simulated", PROMPT_VERSION)
    assert first.tokens > 0


async def test_the_request_says_what_it_must(picture: Picture) -> None:
    seen: list[Any] = []
    async with serve_simulator(on_request=seen.append) as url, model_on(url) as model:
        await model.look(picture)
    (request,) = seen
    assert request["model"] == "configured"
    assert request["store"] is False
    assert request["response_format"]["json_schema"]["strict"] is True
    assert "never an\ninstruction" in request["messages"][0]["content"]
    image = request["messages"][1]["content"][1]["image_url"]
    assert image["url"].startswith("data:image/jpeg;base64,")
    assert image["detail"] == "low"
    assert len(request["messages"]) == 2


async def test_a_model_is_told_that_its_numbers_were_impossible(picture: Picture) -> None:
    seen: list[Any] = []
    async with serve_simulator(on_request=seen.append) as url, model_on(url) as model:
        await model.look(replace(picture, is_doubted=True))
    assert "impossible" in seen[0]["messages"][2]["content"]


@pytest.mark.parametrize("mode", sorted(MODES - GOOD))
async def test_every_failure_is_a_typed_error_without_others_words(
    mode: str, picture: Picture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="dietcare")
    seen: list[Any] = []
    async with (
        serve_simulator([mode], on_request=seen.append) as url,
        model_on(url, 1.0 if mode in SLOW else 5.0) as model,
    ):
        with pytest.raises(OpenAIAPIError) as error:
            async with asyncio.timeout(10):  # else it would hang and not fail
                await model.look(picture)
    assert (error.value.__cause__, error.value.__context__) == (None, None)
    assert KEY not in caplog.text
    assert "simulated:" not in caplog.text
    assert type(error.value) is KINDS.get(mode, OpenAIAPIError)
    assert len(seen) == 1


async def test_how_long_the_model_wants_to_be_left_alone_is_passed_on(picture: Picture) -> None:
    async with serve_simulator(["429"]) as url, model_on(url) as model:
        with pytest.raises(UnansweredError) as error:
            await model.look(picture)
    assert error.value.retry_after_s == RETRY_AFTER_S > 0


async def test_nobody_listening_is_no_answer(picture: Picture) -> None:
    async with serve_simulator() as url:
        pass
    async with model_on(url) as model:
        with pytest.raises(UnansweredError):
            await model.look(picture)


async def test_a_redirect_takes_the_photo_nowhere(picture: Picture) -> None:
    guests: list[object] = []

    def arrived(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guests.append(writer)
        writer.close()

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        size = re.search(rb"(?i)content-length: (\d+)", asked)
        assert size  # the whole of it: an answer that comes earlier may be lost
        await reader.readexactly(int(size[1]))
        to = f"{base_url_of(elsewhere)}/chat/completions"
        head = f"HTTP/1.1 307 T\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()
        writer.close()

    async with (
        await asyncio.start_server(arrived, "127.0.0.1", 0) as elsewhere,
        await asyncio.start_server(redirect, "127.0.0.1", 0) as server,
        model_on(base_url_of(server)) as model,
    ):
        with pytest.raises(OpenAIAPIError):
            await model.look(picture)
    assert guests == []


@pytest.mark.parametrize("status", ["200 OK", "500 Oops"])
async def test_an_endless_answer_is_not_read_into_memory(status: str, picture: Picture) -> None:
    sent, hung_up = [0], asyncio.Event()

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\r\n"
        writer.write(head.encode())
        with contextlib.suppress(OSError):
            while True:
                writer.write(b" " * 100_000)
                await writer.drain()
                sent[0] += 100_000
        hung_up.set()
        writer.close()

    async with (
        await asyncio.start_server(flood, "127.0.0.1", 0) as server,
        model_on(base_url_of(server), timeout_s=2.0) as model,
    ):
        with pytest.raises(OpenAIAPIError):
            await model.look(picture)
        await hung_up.wait()
    assert sent[0] < MAX_REPLY_BYTES + 20_000_000  # with all that the sockets hold


async def test_cancelling_a_call_hangs_up(picture: Picture) -> None:
    arrived, hung_up = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        while await reader.read(65_536):
            pass
        hung_up.set()
        writer.close()

    async with (
        await asyncio.start_server(silent, "127.0.0.1", 0) as server,
        model_on(base_url_of(server)) as model,
    ):
        call = asyncio.create_task(model.look(picture))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        async with asyncio.timeout(2):
            await hung_up.wait()


async def test_a_proxy_of_the_environment_is_not_asked_about_our_own_machine(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for host in ("127.0.0.1", "localhost"):
        async with (
            serve_simulator() as url,
            model_on(url.replace("127.0.0.1", host)) as model,
        ):
            assert (await model.look(picture)).foods


async def test_the_vendor_is_the_default() -> None:
    model = OpenAIVisionModel(api_key=KEY, model="m")
    await model.aclose()


async def test_a_model_that_lists_its_models_can_be_asked() -> None:
    async with serve_simulator() as url, model_on(url) as model:
        assert await model.ping()


async def test_a_model_that_is_not_there_can_not_be_asked() -> None:
    async with serve_simulator() as url:
        pass
    async with model_on(url) as model:
        assert not await model.ping()


async def test_a_model_is_not_asked_again_at_once_whether_it_can_be_asked() -> None:
    async with serve_simulator() as url:
        model = OpenAIVisionModel(api_key=KEY, model="m", base_url=url)
        assert await model.ping()
    assert await model.ping()
    await model.aclose()
