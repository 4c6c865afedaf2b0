"""The composition table over REST and over gRPC."""

import base64
import unicodedata

import pytest

from dietcare.v1 import analysis_pb2, food_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

# As korean_foods.csv has it, from MFDS D106-… 2023-12-27.
STEW = {
    "name": "된장찌개",
    "name_en": "Soybean paste stew",
    "category": "찌개",
    "serving_g": 200,
    "score": 1,
    "warnings": [],
}


async def test_rest_a_search_has_the_shape_of_the_contract(patient, assert_holds):
    answer = await patient.get("/foods", query="된장 찌개", page_size="3")

    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"success", "foods"}
    assert body["success"] is True
    assert len(body["foods"]) == 3
    first = body["foods"][0]
    assert_holds(first, STEW)
    assert set(first["per_100g"]) == {
        *("energy_kcal", "sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg"),
    }
    assert first["per_100g"]["sodium_mg"] == 318
    assert first["food_code"] in first["source"]
    assert "per_100ml" not in first
    assert [each["score"] for each in body["foods"]] == sorted(
        (each["score"] for each in body["foods"]), reverse=True
    )


async def test_rest_what_is_unknown_is_absent(patient):
    (first, *_) = (await patient.get("/foods", query="치즈김밥")).json()["foods"]
    assert "phosphorus_mg" not in first["per_100g"]


async def test_rest_a_soup_says_that_its_salt_is_missing(patient):
    headers = {"accept-language": "en"}
    answer = await patient.request("GET", "/foods", params={"query": "설렁탕"}, headers=headers)
    (warning,) = answer.json()["foods"][0]["warnings"]
    assert warning["code"] == "SALT_NOT_INCLUDED"
    assert "390 mg" in warning["message"]


async def test_rest_a_search_that_finds_nothing_is_empty(patient):
    answer = await patient.get("/foods", query="쀍쀍쀍")
    assert answer.json() == {"success": True, "foods": []}


async def test_rest_a_search_needs_a_token(http):
    answer = await http.get("/api/diet/foods", params={"query": "밥"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "query", ["국수", "soybean paste", "녹차", "설렁탕", "라면 국물", "쀍쀍쀍"]
)
async def test_grpc_finds_what_rest_finds(patient, query):
    over_rest = (await patient.get("/foods", query=query, page_size="100")).json()["foods"]
    request = food_pb2.SearchFoodsRequest(query=query, page_size=100)
    over_grpc = (await patient.call("SearchFoods", request)).foods
    assert [(each.food_code, each.score) for each in over_grpc] == [
        (each["food_code"], each["score"]) for each in over_rest
    ]
    scores = [each.score for each in over_grpc]
    assert scores == sorted(scores, reverse=True)
    assert len({each.food_code for each in over_grpc}) == len(over_grpc)


@pytest.mark.parametrize(
    "typed",
    [
        unicodedata.normalize("NFD", "된장찌개"),
        "  된장   찌개 ",
        "된장찌게",
        "된장찌개!",
        "된장 찌개",
    ],
)
async def test_a_query_finds_the_same_however_it_is_typed(patient, typed):
    (first, *_) = (await patient.get("/foods", query=typed)).json()["foods"]
    over_grpc = await patient.call("SearchFoods", food_pb2.SearchFoodsRequest(query=typed))
    assert first["name"] == over_grpc.foods[0].name == "된장찌개"


async def test_rest_a_row_per_100_ml_is_never_per_100_g(patient):
    (first, *_) = (await patient.get("/foods", query="녹차")).json()["foods"]
    assert first["per_100ml"]["potassium_mg"] == 33
    assert not {"per_100g", "serving_g"} & set(first)
    assert [each["code"] for each in first["warnings"]] == ["FIGURES_PER_100_ML"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "   "}, "query"),
        ({"query": "밥", "page_size": "0"}, "page_size"),
        ({"query": "밥", "page_size": "101"}, "page_size"),
        ({"query": "밥", "page_size": ""}, "page_size"),
        ({"query": "밥", "page_token": "x"}, "page_token"),
    ],
)
async def test_rest_what_is_malformed_is_400_and_named(patient, asked, field):
    answer = await patient.get("/foods", **asked)
    assert answer.status_code == 400
    assert field in answer.text


async def test_rest_an_analysed_dish_has_the_figures_of_the_row_it_names(patient, photo):
    image = base64.b64encode(photo("bibimbap")).decode()
    analysis = (await patient.post("/analyze", {"image_data": image})).json()["analysis"]
    (row, *_) = (await patient.get("/foods", query="비빔밥")).json()["foods"]

    (food,) = analysis["foods"]

    assert (food["nutrient_source"], food["food_code"]) == ("table", row["food_code"])
    for nutrient in ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg"):
        expected = row["per_100g"][nutrient] * food["portion_g"] / 100
        assert food[nutrient] == pytest.approx(expected, abs=1e-3)


async def test_grpc_an_analysed_dish_says_that_its_figures_are_the_tables(patient, photo):
    request = analysis_pb2.AnalyzeFoodRequest(image_data=photo("kimchi_stew"))
    (food,) = (await patient.call("AnalyzeFood", request)).analysis.foods
    assert food.nutrient_source == food_pb2.NUTRIENT_SOURCE_TABLE
    assert food.food_code
