"""From a picture to a stored analysis."""

import pytest

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import InvalidImageURLError, OpenAIAPIError
from dietcare.messages import Language
from dietcare.services.nutrition_analyzer import ImageSource, NutritionAnalyzer, without_query
from dietcare.vision.port import Picture, PictureReader, Sighting, VisionModel

SESSION = "5" * 24


class Album(PictureReader):
    """The picture's hash says where it came from."""

    async def from_url(self, url: str) -> Picture:
        return Picture(b"jpeg", f"url {url}")

    async def from_bytes(self, data: bytes) -> Picture:
        return Picture(b"jpeg", f"bytes {data!r}")


class Eye(VisionModel):
    """Sees what it is told to; keeps what it was shown."""

    def __init__(self, sighting: Sighting) -> None:
        self.sighting = sighting
        self.shown: list[str] = []

    async def look(self, picture: Picture) -> Sighting:
        self.shown.append(picture.pixel_hash)
        if not self.sighting.model:
            raise OpenAIAPIError
        return self.sighting


@pytest.fixture
def eye(build) -> Eye:
    soup = Food("국", 300, Nutrients(sodium_mg=700))
    return Eye(Sighting((build.rice, soup), "gpt", "v3", 1200, 345))


@pytest.fixture
def analyzer(eye, stored, clock, new_id) -> NutritionAnalyzer:
    return NutritionAnalyzer(Album(), eye, stored.analyses, clock, new_id)


async def test_an_analysis_is_stored_with_its_sums(analyzer, stored, user, clock, eye):
    result = await analyzer.analyze(user, SESSION, ImageSource(None, b"pixels"))

    analysis = result.analysis
    assert eye.shown == ["bytes b'pixels'"]
    assert analysis.total_nutrients == Nutrients(702, 5.2, 157, 189)
    assert analysis.coverage == Nutrients(None, 0.5, 0.5, 0.5)
    assert (analysis.session_id, analysis.created_at) == (SESSION, clock.now())
    assert (analysis.model, analysis.latency_ms, analysis.tokens) == ("gpt", 1200, 345)
    assert (result.cached, result.warnings, analysis.image_url) == (False, (), None)
    assert await stored.analyses.get(user, analysis.id) == analysis


async def test_an_address_is_stored_without_what_may_be_secret(analyzer, user, eye):
    url = "https://me:pw@img.example:8443/a/b.jpg?sig=secret#top"

    result = await analyzer.analyze(user, SESSION, ImageSource(url, None))

    assert eye.shown == [f"url {url}"]
    assert result.analysis.image_url == "https://img.example:8443/a/b.jpg"


def test_an_address_without_secrets_stays_as_it_is():
    assert without_query("https://img.example/밥.jpg") == "https://img.example/밥.jpg"


@pytest.mark.parametrize(
    ("url", "data", "field"),
    [
        (None, None, "image_data"),
        ("", None, "image_url"),
        (None, b"", "image_data"),
        ("", b"", "image_url"),
        ("https://a/b", b"x", "image_url"),
        ("", b"x", "image_url"),
        ("https://a/b", b"", "image_url"),
    ],
)
def test_a_picture_is_exactly_one_thing(url, data, field):
    with pytest.raises(InvalidImageURLError) as caught:
        ImageSource(url, data)

    (violation,) = caught.value.violations
    assert violation.field == field
    assert violation.text.render(Language.EN) == (
        "exactly one of image_url and image_data is required"
    )


async def test_an_answer_of_the_simulator_says_so(analyzer, user, eye, build):
    eye.sighting = Sighting((build.rice,), "simulated", "v3", 1, 0, cached=True)

    result = await analyzer.analyze(user, SESSION, ImageSource(None, b"x"))

    assert [(each.code, each.field) for each in result.warnings] == [
        ("SIMULATED", "analysis.model")
    ]
    assert result.cached


async def test_a_failure_stores_nothing(analyzer, stored, user, eye):
    eye.sighting = Sighting((), "", "v3", 1, 0)

    with pytest.raises(OpenAIAPIError):
        await analyzer.analyze(user, SESSION, ImageSource(None, b"x"))

    assert [each async for each in stored.analyses.all(user)] == []
