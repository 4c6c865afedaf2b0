"""What a model says is believed only where it can be true."""

import json
from typing import Any

import pytest

from dietcare.domain.food import Confidence, NutrientSource
from dietcare.vision.answer import (
    ImpossibleAnswerError,
    UnusableAnswerError,
    answer_schema,
    parse_answer,
)

RICE = {
    "name_ko": "현미밥",
    "name_en": "Brown rice",
    "portion_low_g": 180,
    "portion_likely_g": 200,
    "portion_high_g": 240,
    "sodium_mg": 4,
    "protein_g": 6.2,
    "potassium_mg": 82,
    "phosphorus_mg": None,
}


def content(**changes: Any) -> str:
    return json.dumps({"is_food": True, "foods": [{**RICE, **changes}]})


def test_a_good_answer_becomes_foods() -> None:
    (food,) = parse_answer(content())
    assert (food.name, food.portion_g, food.nutrients.sodium_mg) == ("현미밥", 200, 4)
    assert food.nutrients.phosphorus_mg is None
    assert food.nutrient_source is NutrientSource.MODEL


def test_a_name_is_normalised_and_english_where_there_is_no_korean_one() -> None:
    (decomposed,) = parse_answer(content(name_ko=" 김치 "))
    assert decomposed.name == "김치"
    (english,) = parse_answer(content(name_ko=" "))
    assert english.name == "Brown rice"


@pytest.mark.parametrize(
    ("low", "high", "confidence"),
    [
        (150, 250, Confidence.HIGH),
        (149, 250, Confidence.MEDIUM),
        (100, 300, Confidence.MEDIUM),
        (99, 300, Confidence.LOW),
        (200, 290, Confidence.MEDIUM),
        (200, 400, Confidence.LOW),
        (20, 200, Confidence.LOW),
    ],
)
def test_confidence_is_how_far_the_portion_may_be_off_either_way(
    low: float, high: float, confidence: Confidence
) -> None:
    (food,) = parse_answer(content(portion_low_g=low, portion_high_g=high))
    assert food.confidence is confidence


def test_no_food_is_an_answer() -> None:
    assert parse_answer('{"is_food": false, "foods": []}') == ()
    assert parse_answer('{"is_food": true, "foods": []}') == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"sodium_mg": float("nan")},
        {"sodium_mg": float("inf")},
        {"sodium_mg": -1},
        {"sodium_mg": 1e12},
        {"sodium_mg": 10**400},
        {"protein_g": 300},
        {"portion_likely_g": 0, "portion_low_g": 0},
        {"portion_likely_g": 9_000, "portion_high_g": 9_000},
        {"portion_low_g": 250},
        {"portion_high_g": 100},
        {"portion_low_g": -5},
        {"portion_high_g": float("nan")},
        {"portion_high_g": float("inf")},
        {"name_ko": "밥\ud800"},
        {"name_ko": "밥\u0000"},
        {"name_ko": "", "name_en": ""},
        {"name_ko": "밥" * 201},
    ],
)
def test_an_impossible_answer_is_told_apart(changes: dict[str, Any]) -> None:
    with pytest.raises(ImpossibleAnswerError):
        parse_answer(content(**changes))


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[]", "3", '"x"', "{}", '{"is_food": true}', "{'is_food': false}", "<html>"),
        *('{"is_food": true, "foods": {}}', '{"is_food": true, "foods": [1]}'),
        *('{"is_food": true, "foods": [{}]}', "[" * 100_000),
        *(content(sodium_mg="4"), content(sodium_mg=True), content(name_ko=None), content()[:-1]),
        json.dumps({"is_food": True, "foods": [RICE] * 51}),
        *(json.dumps({"is_food": odd, "foods": [RICE]}) for odd in ("false", None, 0, 1, [])),
    ],
)
def test_another_shape_is_unusable(text: str) -> None:
    with pytest.raises(UnusableAnswerError):
        parse_answer(text)


def test_what_is_implausible_is_marked_at_its_food() -> None:
    large = {**RICE, "portion_likely_g": 1_900, "portion_high_g": 2_000}
    rice, much = parse_answer(json.dumps({"is_food": True, "foods": [RICE, large]}))
    assert rice.warnings == ()
    assert [warning.field for warning in much.warnings] == ["portion_g"]


def test_the_schema_is_in_the_strict_subset() -> None:
    schema: Any = answer_schema()
    for part in (schema, schema["properties"]["foods"]["items"]):
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False
