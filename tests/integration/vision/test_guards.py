"""All decorators in their order around the real SDK, against the simulator over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hand_timer import RestlessTimer

from dietcare.cache.memory import MemoryCache
from dietcare.cache.port import Cache
from dietcare.errors import OpenAIAPIError
from dietcare.local.simulator import serve_simulator
from dietcare.settings import Settings
from dietcare.telemetry.metrics import Metrics
from dietcare.vision.breaker import CircuitOpenError
from dietcare.vision.port import Picture, VisionModel
from dietcare.vision.wiring import guarded, open_model

FAILURES, OPEN_S = 3, 10.0


class Guarded:
    """A guarded model in front of a simulator, and what the simulator was asked."""

    def __init__(self) -> None:
        self.timer = RestlessTimer()
        self.metrics = Metrics()
        self.requests: list[Any] = []
        self.asked = asyncio.Event()
        self.model: VisionModel

    def on_request(self, request: Any) -> None:
        self.requests.append(request)
        self.asked.set()

    async def open(
        self,
        stack: AsyncExitStack,
        modes: Sequence[str],
        url: str | None,
        cache: Cache | None,
        settings: Any,
    ) -> None:
        url = url or await stack.enter_async_context(
            serve_simulator(modes, on_request=self.on_request)
        )
        chosen = {"vision_breaker_failures": FAILURES, "vision_breaker_open_s": OPEN_S, **settings}
        resolved = Settings(_env_file=None, openai_base_url=url, **chosen)
        bare = await stack.enter_async_context(open_model(resolved))
        cache = cache or MemoryCache(self.timer.now)
        self.model = guarded(bare, resolved, cache, self.metrics, self.timer)

    def metric(self, name: str) -> float:
        value = self.metrics.registry.get_sample_value(f"dietcare_vision_{name}")
        assert value is not None
        return value


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Any]]:
    async with AsyncExitStack() as stack:

        async def begin(
            *modes: str, url: str | None = None, cache: Cache | None = None, **settings: Any
        ) -> Guarded:
            service = Guarded()
            await service.open(stack, modes or ("ok",), url, cache, settings)
            return service

        yield begin


@pytest.fixture
def pictures(photo: bytes) -> Callable[[str], Picture]:
    return lambda name: Picture(photo, name)


async def test_a_hundred_identical_pictures_at_once_are_one_request(
    start: Any, pictures: Any
) -> None:
    service = await start()
    calls = [service.model.look(pictures("same")) for _ in range(100)]
    sightings = await asyncio.gather(*calls)
    assert len(service.requests) == 1
    assert [sighting.cached for sighting in sightings].count(False) == 1
    assert sum(sighting.tokens for sighting in sightings) == 1_220
    assert len({sighting.foods for sighting in sightings}) == 1
    assert (await service.model.look(pictures("same"))).cached
    assert len(service.requests) == 1


@pytest.mark.parametrize("change", [{"vision_model": "newer"}, {"vision_detail": "low"}])
async def test_who_is_asked_otherwise_is_asked_anew_though_the_cache_outlives_the_process(
    change: Any, start: Any, pictures: Any
) -> None:
    cache = MemoryCache(RestlessTimer().now)
    before, same = await start(cache=cache), await start(cache=cache)
    await before.model.look(pictures("rice"))
    assert (await same.model.look(pictures("rice"))).cached
    after = await start(cache=cache, **change)
    assert not (await after.model.look(pictures("rice"))).cached


@pytest.mark.parametrize("mode", ["429", "500", "nan", "negative", "huge"])
async def test_a_passing_failure_is_made_good(mode: str, start: Any, pictures: Any) -> None:
    service = await start(mode, "ok")
    sighting = await service.model.look(pictures("rice"))
    assert sighting.foods
    assert len(service.requests) == 2
    assert sighting.tokens == (1_220 if mode in {"429", "500"} else 2_440)


async def test_an_open_breaker_asks_nobody_until_its_one_probe_closes_it(
    start: Any, pictures: Any
) -> None:
    service = await start(*["500"] * FAILURES, "ok")
    with pytest.raises(OpenAIAPIError):
        await service.model.look(pictures("first"))  # with its repetitions, FAILURES requests
    assert len(service.requests) == FAILURES
    assert service.metric("breaker_state") == 2
    ends = await asyncio.gather(
        *(service.model.look(pictures(str(i))) for i in range(20)), return_exceptions=True
    )
    assert all(isinstance(end, CircuitOpenError) for end in ends)
    assert len(service.requests) == FAILURES
    service.timer.advance(OPEN_S)
    assert service.metric("breaker_state") == 1
    assert (await service.model.look(pictures("probe"))).foods
    assert service.metric("breaker_state") == 0
    assert (await service.model.look(pictures("after"))).foods
    assert len(service.requests) == FAILURES + 2


async def test_when_it_opens_those_who_queue_are_not_sent_to_the_model(
    start: Any, pictures: Any
) -> None:
    service = await start("500", vision_concurrency=1, vision_breaker_failures=1)
    calls = [asyncio.create_task(service.model.look(pictures(str(i)))) for i in range(50)]
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(end, CircuitOpenError) for end in ends)
    assert len(service.requests) == 1


async def test_the_queue_and_its_waits_are_measured(start: Any, pictures: Any) -> None:
    service = await start("hang", vision_concurrency=1)
    calls = [asyncio.create_task(service.model.look(pictures(str(i)))) for i in range(4)]
    await service.asked.wait()
    assert service.metric("queue_length") == 3
    assert service.metric("wait_seconds_count") == 1
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_the_request_is_hung_up_on_when_its_last_waiter_is_gone(
    start: Any, pictures: Any
) -> None:
    arrived, hung_up = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        while await reader.read(65_536):
            pass
        hung_up.set()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        service = await start(url=f"http://127.0.0.1:{port}/v1")
        calls = [asyncio.create_task(service.model.look(pictures("same"))) for _ in range(2)]
        await arrived.wait()
        for call, is_over in zip(calls, (False, True), strict=True):
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            if not is_over:
                assert not hung_up.is_set()
                assert not calls[1].done()
        async with asyncio.timeout(5):
            await hung_up.wait()
