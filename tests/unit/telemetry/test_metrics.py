"""Metrics: each instance its own registry, pictures counted by outcome."""

import pytest

from dietcare.errors import OpenAIAPIError
from dietcare.telemetry.metrics import Metrics
from dietcare.telemetry.vision import MeasuredVisionModel
from dietcare.vision.port import Picture, Sighting, VisionModel

PICTURE = Picture(b"jpeg", "cafe")


class Eye(VisionModel):
    def __init__(self, answer: Sighting | Exception) -> None:
        self.answer = answer

    async def look(self, picture: Picture) -> Sighting:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Sighting((), "gpt", "v3", 1, 2), "model"),
        (Sighting((), "gpt", "v3", 1, 2, cached=True), "cache"),
        (OpenAIAPIError(), "failure"),
    ],
)
async def test_a_look_is_counted_by_its_outcome_and_passed_on(answer, outcome):
    metrics = Metrics()
    model = MeasuredVisionModel(Eye(answer), metrics)

    if isinstance(answer, Exception):
        with pytest.raises(OpenAIAPIError):
            await model.look(PICTURE)
    else:
        assert await model.look(PICTURE) == answer

    line = f'dietcare_vision_sightings_total{{outcome="{outcome}"}} 1.0'
    assert line in metrics.exposition().decode().splitlines()


def test_two_services_in_a_process_count_apart():
    one, two = Metrics(), Metrics()
    one.calls.labels("GetStreak", "OK").inc()

    assert 'method="GetStreak"' in one.exposition().decode()
    assert 'method="GetStreak"' not in two.exposition().decode()
