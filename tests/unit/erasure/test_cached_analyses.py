"""What is cached of a picture says nothing of who showed it: nobody there is told."""

import inspect
import json
from dataclasses import fields

from dietcare.cache.memory import MemoryCache
from dietcare.cache.port import analysis_key
from dietcare.cache.sightings import CachedVisionModel
from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrients
from dietcare.vision.port import Picture, Sighting, VisionModel

SEEN = Sighting((Food("파이", 100, Nutrients(2)),), "a-model", "v1", 5, 10)


class Eye(VisionModel):
    async def look(self, picture):
        return SEEN


async def test_a_cached_analysis_has_what_the_model_saw_and_nothing_else():
    cache = MemoryCache(lambda: 0.0)
    await CachedVisionModel(Eye(), cache, "a-model, v1").look(Picture(b"jpeg", "0" * 64))
    kept = json.loads(await cache.get(analysis_key("0" * 64)))
    assert kept.keys() == {"question", "sighting"}
    seen = kept["sighting"]
    assert seen.keys() == {"foods", "model", "prompt_version", "latency_ms", "tokens", "cached"}
    assert seen["foods"][0]["name"] == "파이"


def test_who_looks_at_a_picture_is_told_of_nobody():
    assert list(inspect.signature(VisionModel.look).parameters) == ["self", "picture"]
    assert {each.name for each in fields(Picture)} == {"jpeg", "pixel_hash", "is_doubted"}
