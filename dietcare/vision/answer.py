"""The shape of a model's answer, and the foods that a trustworthy one becomes.

The schema is sent to the model, but nothing is taken for granted because of it: servers that
ignore it answer as well.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

from dietcare.domain.food import Confidence, Food, NutrientSource, normalised_name, violations
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.vision.plausible import with_doubts

MAX_FOODS = 50  # as many as a meal may have
# How far the range of a portion goes up or down from it, as a share of it, up to which it is
# trusted. A model's own word on how sure it is carries no information; what it leaves open does.
HIGH_OFF = 0.25
MEDIUM_OFF = 0.5

PORTIONS = ("portion_low_g", "portion_likely_g", "portion_high_g")
NAMES = ("name_ko", "name_en")


class UnusableAnswerError(Exception):
    """The answer is none of ours: another shape, cut off, refused. Asking again is no use."""


class ImpossibleAnswerError(Exception):
    """The answer has our shape, but numbers that no food can have."""


def _strict(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def answer_schema() -> dict[str, object]:
    """The JSON schema in OpenAI's strict subset: everything required, nothing else allowed."""
    food = {
        **{name: {"type": "string"} for name in NAMES},
        **{portion: {"type": "number"} for portion in PORTIONS},
        **{nutrient.value: {"type": ["number", "null"]} for nutrient in Nutrient},
    }
    foods = {"type": "array", "items": _strict(food)}
    return _strict({"is_food": {"type": "boolean"}, "foods": foods})


def parse_answer(content: str) -> tuple[Food, ...]:
    """The foods of an answer; none where the picture shows no food.

    Raises:
        UnusableAnswerError: it is no JSON of the schema's shape.
        ImpossibleAnswerError: a number in it can not be true.
    """
    try:
        answer = json.loads(content)
        if not _flag(answer["is_food"]):
            return ()
        foods = tuple(_food(item) for item in _list(answer["foods"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnusableAnswerError(type(error).__name__) from None
    for food in foods:
        for violation in violations(food, "food"):
            raise ImpossibleAnswerError(violation.text.key)
    return tuple(with_doubts(food) for food in foods)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_FOODS:
        raise TypeError("no list of foods")
    return value


def _food(item: Any) -> Food:
    low, likely, high = (_number(item[portion]) for portion in PORTIONS)
    if not 0 <= low <= likely <= high < math.inf:  # not so for NaN either
        raise ImpossibleAnswerError("portion")
    amounts = {nutrient: _amount(item[nutrient.value]) for nutrient in Nutrient}
    return Food(
        name=_name(item),
        portion_g=likely,
        nutrients=Nutrients.of(amounts),
        confidence=_confidence(low, likely, high),
        nutrient_source=NutrientSource.MODEL,
    )


def _name(item: Any) -> str:
    """The Korean name; the English one where a model gave no other."""
    korean, english = (normalised_name(item[name]) for name in NAMES)
    return korean or english


def _amount(value: Any) -> float | None:
    return None if value is None else _number(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a number")
    try:
        return float(value)
    except OverflowError:
        raise ImpossibleAnswerError("overflow") from None


def _confidence(low: float, likely: float, high: float) -> Confidence:
    off = max(likely - low, high - likely) / likely if likely else math.inf
    if off <= HIGH_OFF:
        return Confidence.HIGH
    return Confidence.MEDIUM if off <= MEDIUM_OFF else Confidence.LOW
