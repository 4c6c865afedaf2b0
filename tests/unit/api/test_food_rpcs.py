"""The composition table through the whole chain: searched, and under the foods of an analysis."""

import pytest

from dietcare.domain.food import Food, NutrientSource
from dietcare.domain.nutrients import Nutrients
from dietcare.foods.builtin import builtin_rows
from dietcare.local.dishes import DISHES
from dietcare.v1 import analysis_pb2, food_pb2, meal_pb2

ROWS = {row.name: row for row in builtin_rows()}
NUTRIENTS = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")


@pytest.fixture
def search(call):
    async def made(query, **said):
        return await call("SearchFoods", food_pb2.SearchFoodsRequest(query=query, **said))

    return made


async def test_twenty_dishes_have_the_tables_minerals_and_go_back_as_meals(call, analyze, eye):
    wrong = Nutrients(1, 1, 1, 1)
    eye.foods = tuple(
        Food(dish.name_ko, dish.serving_g, wrong, nutrient_source=NutrientSource.MODEL)
        for dish in DISHES
    )

    analysis = (await analyze()).message.analysis

    assert len(analysis.foods) == 20
    for food, dish in zip(analysis.foods, DISHES, strict=True):
        row = ROWS[dish.name_ko]
        for nutrient in NUTRIENTS:
            per_100 = getattr(row.per_100, nutrient)
            assert getattr(food, nutrient) == pytest.approx(per_100 * dish.serving_g / 100)
        assert food.nutrient_source == food_pb2.NUTRIENT_SOURCE_TABLE
        assert food.food_code == row.code
    assert not analysis.HasField("coverage")

    meal = meal_pb2.LogMealRequest(
        meal_type=meal_pb2.MEAL_TYPE_DINNER,
        foods=analysis.foods,
        total_nutrients=analysis.total_nutrients,
        analysis_id=analysis.analysis_id,
    )
    logged = (await call("LogMeal", meal)).message.meal
    assert logged.total_nutrients == analysis.total_nutrients


async def test_a_soup_without_its_salt_says_so_in_the_callers_language(call, eye):
    eye.foods = (Food("설렁탕", 500),)
    request = analysis_pb2.AnalyzeFoodRequest(image_data=b"soup")
    for language, said in (("ko", "소금을 넣기 전"), ("en", "before salt was added")):
        answer = await call("AnalyzeFood", request, accept_language=language)
        (food,) = answer.message.analysis.foods
        (warning,) = food.warnings
        assert (warning.code, warning.field) == ("SALT_NOT_INCLUDED", "sodium_mg")
        assert said in warning.message
        assert food.sodium_mg == 110


async def test_a_search_tells_everything_of_a_row(search):
    found = (await search("된장찌개")).message.foods[0]
    row = ROWS["된장찌개"]
    assert (found.food_code, found.name, found.name_en) == (row.code, row.name, row.name_en)
    assert (found.category, found.serving_g, found.score) == ("찌개", 200, 1)
    assert (found.per_100g.sodium_mg, found.per_100g.energy_kcal) == (318, row.energy_kcal)
    assert row.source in found.source
    assert row.version in found.source
    assert not found.HasField("per_100ml")
    assert list(found.warnings) == []


async def test_a_row_per_100_ml_is_never_said_to_be_per_100_g(search):
    found = (await search("녹차")).message.foods[0]
    assert found.per_100ml.potassium_mg == 33
    assert not found.HasField("per_100g")
    assert [each.code for each in found.warnings] == ["FIGURES_PER_100_ML"]


async def test_what_is_unknown_is_absent_and_zero_is_there(search):
    found = (await search("치즈김밥")).message.foods[0]
    assert not found.per_100g.HasField("phosphorus_mg")
    assert not (await search("김밥천국메뉴")).message.foods
    rice = (await search("쌀밥")).message.foods[0]
    assert rice.per_100g.HasField("sodium_mg")
    assert rice.per_100g.sodium_mg == 0
    assert not rice.HasField("serving_g")


async def test_pages_have_20_rows_or_as_many_as_asked_for(search):
    assert len((await search("밥")).message.foods) == 20
    assert len((await search("밥", page_size=1)).message.foods) == 1
    assert 20 < len((await search("밥", page_size=100)).message.foods) <= 100


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"query": ""}, "query"),
        ({"query": "   "}, "query"),
        ({"query": "가" * 201}, "query"),
        ({"query": "밥\x00"}, "query"),
        ({"query": "밥", "page_size": 0}, "page_size"),
        ({"query": "밥", "page_size": 101}, "page_size"),
    ],
)
async def test_what_is_malformed_is_refused_by_its_field(search, said, field):
    answer = await search(**said)
    assert answer.code == "INVALID_ARGUMENT"
    assert set(answer.fields) == {field}


async def test_everything_malformed_is_named_at_once(search):
    assert set((await search("", page_size=0)).fields) == {"query", "page_size"}


async def test_a_search_needs_a_token_and_takes_of_no_limit(call, search):
    request = food_pb2.SearchFoodsRequest(query="밥")
    assert (await call("SearchFoods", request, auth=None)).code == "UNAUTHENTICATED"
    assert (await search("밥")).left == (None, None, None)
