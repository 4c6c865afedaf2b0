"""The same picture is looked at once in 24 hours."""

import pytest

from dietcare.cache.port import analysis_key
from dietcare.cache.sightings import CachedVisionModel
from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import OpenAIAPIError
from dietcare.vision.port import Picture, Sighting, VisionModel

PICTURE = Picture(b"jpeg", "cafe" * 16)
RICE = Food(
    "현미밥", 210, Nutrients(2, 5.2, 157, None), Confidence.HIGH, NutrientSource.TABLE, "D101-1"
)


class Eye(VisionModel):
    """Counts how often it looks; sees nothing while it is shut."""

    looks = 0
    shut = False

    async def look(self, picture: Picture) -> Sighting:
        self.looks += 1
        if self.shut:
            raise OpenAIAPIError
        return Sighting((RICE,), "gpt", "v3", 1200, 345)


@pytest.fixture
def eye() -> Eye:
    return Eye()


@pytest.fixture
def model(eye, cache) -> CachedVisionModel:
    return CachedVisionModel(eye, cache, "gpt, v3")


def test_the_key_is_the_seeds():
    assert analysis_key("cafe") == "diet:analysis:cafe"


async def test_a_picture_is_looked_at_once(model, eye):
    first, second = await model.look(PICTURE), await model.look(PICTURE)

    assert (first.cached, second.cached, eye.looks) == (False, True, 1)
    assert second.foods == first.foods == (RICE,)
    assert (second.model, second.prompt_version) == ("gpt", "v3")
    assert (first.latency_ms, first.tokens) == (1200, 345)
    assert (second.latency_ms, second.tokens) == (0, 0)
    assert not (await model.look(Picture(b"jpeg", "beef" * 16))).cached


async def test_a_picture_is_looked_at_again_after_24_hours(eye, memory, timer):
    model = CachedVisionModel(eye, memory, "gpt, v3")
    await model.look(PICTURE)

    timer.at += 86_399
    assert (await model.look(PICTURE)).cached
    timer.at += 1
    assert not (await model.look(PICTURE)).cached


async def test_what_another_model_or_prompt_has_seen_is_no_answer(model, eye, cache):
    await CachedVisionModel(eye, cache, "simulated, v3").look(PICTURE)

    assert not (await model.look(PICTURE)).cached
    assert (await model.look(PICTURE)).cached
    assert eye.looks == 2


async def test_a_failure_is_not_kept(model, eye):
    eye.shut = True
    with pytest.raises(OpenAIAPIError):
        await model.look(PICTURE)

    eye.shut = False
    assert not (await model.look(PICTURE)).cached


@pytest.mark.parametrize("garbage", [b"", b"{}", b"\x00\xff", b'{"foods": "rice"}'])
async def test_a_value_that_can_not_be_read_is_dropped(model, cache, eye, garbage):
    await cache.put(analysis_key(PICTURE.pixel_hash), garbage, 60)

    assert not (await model.look(PICTURE)).cached
    assert (await model.look(PICTURE)).cached
    assert eye.looks == 1


async def test_nothing_of_the_user_is_kept(model, cache, user):
    await model.look(PICTURE)

    kept = await cache.get(analysis_key(PICTURE.pixel_hash))
    assert user.encode() not in kept
    assert b"user" not in kept
