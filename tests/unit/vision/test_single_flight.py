"""The same picture at once is looked at once."""

import asyncio
from typing import Any

import pytest

from dietcare.errors import OpenAIAPIError
from dietcare.vision.port import Picture, Sighting, VisionModel
from dietcare.vision.single_flight import SingleFlightVisionModel


@pytest.fixture
def model(gate: Any) -> SingleFlightVisionModel:
    return SingleFlightVisionModel(gate)


def tasks(model: SingleFlightVisionModel, picture: Picture, number: int) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(model.look(picture)) for _ in range(number)]


async def test_a_hundred_identical_pictures_are_one_look_and_one_new_answer(
    model: Any, gate: Any, a_picture: Any, settled: Any
) -> None:
    calls = tasks(model, a_picture(), 100)
    await settled()
    assert gate.hashes == ["rice"]
    gate.end(0)
    sightings = await asyncio.gather(*calls)
    assert [sighting.cached for sighting in sightings].count(False) == 1


async def test_different_pictures_are_looked_at_apart_and_so_is_a_later_one(
    model: Any, gate: Any, a_picture: Any, settled: Any
) -> None:
    for index, name in enumerate(("rice", "soup", "rice")):
        (call,) = tasks(model, a_picture(name), 1)
        await settled()
        gate.end(index)
        assert not (await call).cached
    assert gate.hashes == ["rice", "soup", "rice"]


async def test_a_failure_is_everybodys_and_is_not_kept(
    model: Any, gate: Any, a_picture: Any, settled: Any, seen: Any
) -> None:
    calls = tasks(model, a_picture(), 3)
    await settled()
    gate.end(0, OpenAIAPIError())
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(end, OpenAIAPIError) for end in ends)
    (again,) = tasks(model, a_picture(), 1)
    await settled()
    gate.end(1)
    assert await again is seen


async def test_the_look_goes_on_until_the_last_who_waits_is_gone(
    model: Any, gate: Any, a_picture: Any, settled: Any, seen: Any
) -> None:
    first, second, third = tasks(model, a_picture(), 3)
    await settled()
    first.cancel()
    second.cancel()
    await settled()
    assert gate.cancelled == []
    gate.end(0)
    sighting = await third
    assert sighting is seen  # and not `cached`: somebody must have it as a new one


async def test_when_the_last_is_gone_the_look_is_cancelled(
    model: Any, gate: Any, a_picture: Any, settled: Any
) -> None:
    calls = tasks(model, a_picture(), 2)
    await settled()
    for call in calls:
        call.cancel()
    await settled()
    assert gate.cancelled == ["rice"]


async def test_who_comes_while_a_look_is_being_cancelled_gets_one_of_their_own(
    gate: Any, a_picture: Any, settled: Any, seen: Any
) -> None:
    hung_up = asyncio.Event()

    class SlowToHangUp(VisionModel):
        async def look(self, picture: Picture) -> Sighting:
            try:
                sighting: Sighting = await gate.look(picture)
            except asyncio.CancelledError:
                await hung_up.wait()
                raise
            return sighting

    model = SingleFlightVisionModel(SlowToHangUp())
    (first,) = tasks(model, a_picture(), 1)
    await settled()
    first.cancel()
    await settled()
    assert first.cancelled()
    (second,) = tasks(model, a_picture(), 1)
    await settled()
    assert gate.hashes == ["rice", "rice"]
    hung_up.set()
    await settled()
    (third,) = tasks(model, a_picture(), 1)
    await settled()
    gate.end(1)
    assert await second is seen
    assert (await third).cached
