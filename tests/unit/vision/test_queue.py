"""Calls wait for their turn in the order in which they came."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hand_timer import HandTimer

from dietcare.vision.breaker import CircuitOpenError
from dietcare.vision.queue import QueuedVisionModel

Make = Callable[..., QueuedVisionModel]


@pytest.fixture
def make(gate: Any, timer: HandTimer) -> Make:
    def made(concurrency: int = 4, per_minute: int = 1_000, **more: Any) -> QueuedVisionModel:
        return QueuedVisionModel(
            gate, timer, concurrency=concurrency, per_minute=per_minute, **more
        )

    return made


@pytest.fixture
def callers(a_picture: Any) -> Callable[..., list[asyncio.Task[Any]]]:
    """Begins so many calls, of pictures named by their number."""

    def begin(queue: QueuedVisionModel, number: int) -> list[asyncio.Task[Any]]:
        return [asyncio.create_task(queue.look(a_picture(str(i)))) for i in range(number)]

    return begin


async def test_two_hundred_callers_are_served_four_at_once_in_order(
    make: Make, gate: Any, callers: Any, settled: Any, seen: Any
) -> None:
    queue = make(concurrency=4)
    calls = callers(queue, 200)
    for index in range(200):
        await settled()
        assert len(gate.looks) == min(200, index + 4)
        gate.end(index)
    assert await asyncio.gather(*calls) == [seen] * 200
    assert gate.hashes == [str(index) for index in range(200)]
    assert queue.length == 0


async def test_whoever_can_wait_no_longer_leaves_and_the_others_move_up(
    make: Make, gate: Any, callers: Any, a_picture: Any, settled: Any
) -> None:
    queue = make(concurrency=4)

    deadlines: list[asyncio.Timeout] = []

    async def patient_until_its_deadline(name: str) -> None:
        async with asyncio.timeout(None) as deadline:
            deadlines.append(deadline)
            await queue.look(a_picture(name))

    first = callers(queue, 4)
    await settled()
    hasty = [asyncio.create_task(patient_until_its_deadline(f"hasty {i}")) for i in range(98)]
    last = callers(queue, 98)
    await settled()
    assert queue.length == 196
    for deadline in deadlines:
        deadline.reschedule(asyncio.get_running_loop().time())
    ends = await asyncio.gather(*hasty, return_exceptions=True)
    assert all(isinstance(end, TimeoutError) for end in ends)
    assert queue.length == 98
    for index in range(102):
        await settled()
        gate.end(index)
    await asyncio.gather(*first, *last)
    assert not [name for name in gate.hashes if name.startswith("hasty")]


@pytest.mark.parametrize("is_their_turn", [False, True])
async def test_a_place_whose_caller_left_in_the_same_moment_is_not_lost(
    is_their_turn: bool, make: Make, gate: Any, callers: Any, settled: Any, seen: Any
) -> None:
    queue = make(concurrency=1)
    first, second, third = callers(queue, 3)
    await settled()
    gate.end(0)
    await asyncio.sleep(0)  # the first has left
    if is_their_turn:
        await asyncio.sleep(0)  # the place is the second's, who has not run yet
    second.cancel()
    await settled()
    assert second.cancelled()
    assert gate.hashes == ["0", "2"]
    gate.end(1)
    assert (await first, await third) == (seen, seen)


async def test_a_failed_or_cancelled_call_makes_room(
    make: Make, gate: Any, callers: Any, settled: Any
) -> None:
    calls = callers(make(concurrency=1), 3)
    await settled()
    gate.end(0, ValueError())
    await settled()
    calls[1].cancel()
    await settled()
    gate.end(2)
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(end).__name__ for end in ends] == ["ValueError", "CancelledError", "Sighting"]


async def test_no_more_calls_are_begun_in_any_minute_than_allowed(
    make: Make, gate: Any, timer: HandTimer, callers: Any, settled: Any
) -> None:
    queue = make(concurrency=9, per_minute=2)
    first = callers(queue, 1)
    await settled()
    timer.advance(30)
    others = callers(queue, 4)
    await settled()
    begun = [len(gate.looks)]
    for seconds in (29.9, 0.1, 29.9, 0.1, 30):
        timer.advance(seconds)
        await settled()
        begun.append(len(gate.looks))
    assert begun == [2, 2, 3, 3, 4, 5]
    for index in range(5):
        gate.end(index)
    await asyncio.gather(*first, *others)


async def test_waits_are_told(
    make: Make, gate: Any, timer: HandTimer, callers: Any, settled: Any
) -> None:
    waits: list[float] = []
    calls = callers(make(concurrency=1, on_wait=waits.append), 2)
    await settled()
    timer.advance(3)
    gate.end(0)
    await settled()
    gate.end(1)
    await asyncio.gather(*calls)
    assert waits == [0, 3]


async def test_those_who_wait_can_be_turned_away_but_not_those_who_are_served(
    make: Make, gate: Any, callers: Any, settled: Any, seen: Any
) -> None:
    queue = make(concurrency=1)
    served, *turned_away = callers(queue, 4)
    await settled()
    turned_away[0].cancel()
    queue.turn_away(CircuitOpenError)
    await settled()
    assert turned_away[0].cancelled()
    assert all(isinstance(call.exception(), CircuitOpenError) for call in turned_away[1:])
    gate.end(0)
    assert await served is seen
    (later,) = callers(queue, 1)
    await settled()
    gate.end(1)
    assert await later is seen
