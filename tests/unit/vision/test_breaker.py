"""A model that does not answer is left alone for a while."""

import asyncio
from typing import Any

import pytest
from hand_timer import HandTimer

from dietcare.errors import OpenAIAPIError
from dietcare.vision.breaker import BreakerVisionModel, CircuitOpenError, State
from dietcare.vision.port import ImpossibleSightingError, UnansweredError

FAILURES, OPEN_S = 3, 10.0


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def breaker(gate: Any, timer: HandTimer, opened: list[str]) -> BreakerVisionModel:
    return BreakerVisionModel(
        gate, timer, failures=FAILURES, open_s=OPEN_S, on_open=lambda: opened.append("opened")
    )


@pytest.fixture
def look(breaker: BreakerVisionModel, gate: Any, a_picture: Any, settled: Any) -> Any:
    """A call that ends as said; gives what comes of it."""

    async def call(outcome: Any) -> Any:
        task = asyncio.create_task(breaker.look(a_picture()))
        await settled()
        gate.end(-1, outcome)
        return (await asyncio.gather(task, return_exceptions=True))[0]

    return call


@pytest.fixture
async def open_breaker(look: Any, breaker: BreakerVisionModel) -> BreakerVisionModel:
    for _ in range(FAILURES):
        assert isinstance(await look(UnansweredError()), UnansweredError)
    assert breaker.state is State.OPEN
    return breaker


async def refused(breaker: BreakerVisionModel, picture: Any) -> None:
    """Asserts that a call fails in its very first step: it waits for nothing."""
    with pytest.raises(CircuitOpenError):
        breaker.look(picture).send(None)


async def test_an_open_breaker_fails_at_once_and_asks_nobody(
    open_breaker: BreakerVisionModel, gate: Any, timer: HandTimer, a_picture: Any, opened: Any
) -> None:
    assert opened == ["opened"]
    for _ in range(100):
        await refused(open_breaker, a_picture())
    timer.advance(OPEN_S - 0.1)
    await refused(open_breaker, a_picture())
    assert len(gate.looks) == FAILURES
    assert timer.naps == []


async def test_one_probe_closes_it(
    open_breaker: BreakerVisionModel,
    gate: Any,
    timer: HandTimer,
    a_picture: Any,
    settled: Any,
    seen: Any,
    look: Any,
) -> None:
    timer.advance(OPEN_S)
    assert open_breaker.state is State.HALF_OPEN
    probe = asyncio.create_task(open_breaker.look(a_picture()))
    await settled()
    for _ in range(5):
        await refused(open_breaker, a_picture())
    assert len(gate.looks) == FAILURES + 1
    gate.end(-1)
    assert await probe is seen
    assert open_breaker.state is State.CLOSED
    assert await look(seen) is seen


async def test_a_failed_probe_opens_it_again(
    open_breaker: BreakerVisionModel, timer: HandTimer, look: Any, opened: Any, a_picture: Any
) -> None:
    timer.advance(OPEN_S)
    assert isinstance(await look(UnansweredError()), UnansweredError)
    assert opened == ["opened"] * 2
    timer.advance(OPEN_S - 0.1)
    await refused(open_breaker, a_picture())
    timer.advance(0.1)
    assert open_breaker.state is State.HALF_OPEN


async def test_a_cancelled_probe_lets_the_next_one_probe(
    open_breaker: BreakerVisionModel,
    timer: HandTimer,
    a_picture: Any,
    settled: Any,
    look: Any,
    seen: Any,
) -> None:
    timer.advance(OPEN_S)
    probe = asyncio.create_task(open_breaker.look(a_picture()))
    await settled()
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert open_breaker.state is State.HALF_OPEN
    assert await look(seen) is seen
    assert open_breaker.state is State.CLOSED


@pytest.mark.parametrize("answer", [OpenAIAPIError(), ImpossibleSightingError(7)])
async def test_a_useless_answer_is_an_answer(
    answer: Exception, look: Any, breaker: BreakerVisionModel
) -> None:
    for outcome in (*[UnansweredError()] * (FAILURES - 1), answer, UnansweredError()):
        await look(outcome)
    assert breaker.state is State.CLOSED


async def test_failures_must_be_in_a_row(look: Any, breaker: BreakerVisionModel, seen: Any) -> None:
    for outcome in (*[UnansweredError()] * (FAILURES - 1), seen, UnansweredError()):
        await look(outcome)
    assert breaker.state is State.CLOSED


async def test_calls_from_before_neither_close_it_nor_open_it_anew(
    breaker: BreakerVisionModel,
    gate: Any,
    timer: HandTimer,
    a_picture: Any,
    settled: Any,
    opened: Any,
    look: Any,
) -> None:
    old = [asyncio.create_task(breaker.look(a_picture())) for _ in range(2)]
    await settled()
    for _ in range(FAILURES):
        await look(UnansweredError())
    timer.advance(OPEN_S)
    gate.end(0)
    gate.end(1, UnansweredError())
    await asyncio.gather(*old, return_exceptions=True)
    assert breaker.state is State.HALF_OPEN
    assert opened == ["opened"]


async def test_being_turned_away_from_the_queue_says_nothing_of_the_model(
    look: Any, breaker: BreakerVisionModel
) -> None:
    for outcome in (*[UnansweredError()] * (FAILURES - 1), CircuitOpenError(), UnansweredError()):
        await look(outcome)
    assert breaker.state is State.OPEN
