"""From a picture to a stored analysis."""

import pytest

from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.errors import InvalidImageURLError, OpenAIAPIError
from dietcare.foods.builtin import builtin_index, builtin_rows
from dietcare.foods.table import FoodTable
from dietcare.local.dishes import DISHES
from dietcare.messages import Language
from dietcare.services.food import FoodService
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
    pie = Food("할머니 파이", 210, build.rice.nutrients)
    return Eye(Sighting((pie, soup), "gpt", "v3", 1200, 345))


@pytest.fixture
def foods(stored) -> FoodService:
    return FoodService(FoodTable(stored.foods))


@pytest.fixture
def analyzer(eye, foods, stored, clock, new_id) -> NutritionAnalyzer:
    return NutritionAnalyzer(Album(), eye, foods, stored.analyses, clock, new_id)


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


@pytest.mark.parametrize("dish", DISHES, ids=lambda dish: dish.name_ko)
@pytest.mark.parametrize("claimed", [Nutrients(), Nutrients(1, 0.01, 1, 1), Nutrients(9, 9, 9, 9)])
async def test_a_dish_of_the_table_has_its_figures_whatever_the_model_claims(
    analyzer, stored, user, eye, dish, claimed
):
    row = next(row for row in builtin_rows() if row.name == dish.name_ko)
    seen = Food(dish.name_ko, 123.4, claimed, Confidence.LOW, NutrientSource.MODEL)
    eye.sighting = Sighting((seen,), "gpt", "v3", 1, 0)

    analysis = (await analyzer.analyze(user, SESSION, ImageSource(None, b"x"))).analysis

    (food,) = analysis.foods
    for nutrient in Nutrient:
        assert food.nutrients[nutrient] == pytest.approx(row.per_100[nutrient] * 1.234, abs=5e-4)
    assert (food.nutrient_source, food.food_code) == (NutrientSource.TABLE, row.code)
    assert (food.name, food.portion_g, food.confidence) == (seen.name, 123.4, Confidence.LOW)
    assert (food.warnings, analysis.coverage) == (row.warnings, None)
    assert await stored.analyses.get(user, analysis.id) == analysis


async def test_what_the_table_does_not_know_keeps_the_models_figures(analyzer, user, eye):
    seen = Food("할머니 파이", 200, Nutrients(9, 9, 9), Confidence.LOW, NutrientSource.MODEL)
    eye.sighting = Sighting((seen,), "gpt", "v3", 1, 0)

    result = await analyzer.analyze(user, SESSION, ImageSource(None, b"x"))

    assert result.analysis.foods == (seen,)
    assert result.analysis.coverage == Nutrients(phosphorus_mg=0)


async def test_a_figure_that_the_row_lacks_is_unknown_and_counts_against_coverage(
    analyzer, user, eye
):
    eye.sighting = Sighting((Food("치즈김밥", 200, Nutrients(9, 9, 9, 9)),), "gpt", "v3", 1, 0)

    analysis = (await analyzer.analyze(user, SESSION, ImageSource(None, b"x"))).analysis

    assert analysis.foods[0].nutrients == Nutrients(338, 12.48, 82, None)
    assert analysis.coverage == Nutrients(phosphorus_mg=0)


@pytest.mark.parametrize(
    "name", ["설렁탕", "사골국", "삼계탕", "순대국밥", "돼지 국밥", "보쌈", "고등어 구이"]
)
async def test_a_soup_analysed_before_salt_asks_for_it(analyzer, stored, user, eye, name):
    eye.sighting = Sighting((Food(name, 500, Nutrients(2_000)),), "gpt", "v3", 1, 0)

    analysis = (await analyzer.analyze(user, SESSION, ImageSource(None, b"x"))).analysis

    (food,) = analysis.foods
    row = builtin_index().match(name).row
    assert food.nutrients.sodium_mg == pytest.approx(row.per_100.sodium_mg * 5)
    assert [each.code for each in food.warnings] == ["SALT_NOT_INCLUDED"]
    assert await stored.analyses.get(user, analysis.id) == analysis


async def test_a_picture_that_was_seen_before_takes_the_tables_figures_too(analyzer, user, eye):
    seen = Food("현미밥", 100, Nutrients(9, 9, 9, 9), nutrient_source=NutrientSource.MODEL)
    eye.sighting = Sighting((seen,), "gpt", "v3", 1, 0, cached=True)

    analysis = (await analyzer.analyze(user, SESSION, ImageSource(None, b"x"))).analysis

    assert analysis.foods[0].nutrients == Nutrients(2, 3.1, 41, 57)
    assert eye.sighting.foods == (seen,)
