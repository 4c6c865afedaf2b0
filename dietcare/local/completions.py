"""The simulator's answers, in the form of OpenAI's chat completions, whole or broken on purpose."""

import base64
import binascii
import json
import math
from collections.abc import Callable
from typing import Any

from dietcare.domain.nutrients import Nutrient
from dietcare.local.recognition import Serving, recognise

MODEL = "simulated"
DATA_URL = "data:image/jpeg;base64,"


class BadRequestError(Exception):
    """The request is not one that OpenAI would answer; the text says why."""


def answer(request: Any) -> dict[str, Any]:
    """What is in the request's picture, with exactly the fields that its schema asks for.

    Raises:
        BadRequestError: no picture, or no strict schema that can be met.
    """
    try:
        keys = _food_keys(request["response_format"]["json_schema"])
        servings = recognise(_picture(request["messages"]))
        foods = [{key: _facts(serving)[key] for key in keys} for serving in servings]
    except (KeyError, TypeError, IndexError, ValueError, OSError, binascii.Error) as error:
        raise BadRequestError(f"not understood: {type(error).__name__}") from error
    return {"is_food": bool(foods), "foods": foods}


def _food_keys(json_schema: Any) -> list[str]:
    if json_schema["strict"] is not True or json_schema["schema"]["additionalProperties"]:
        raise ValueError("not a strict schema")
    keys: list[str] = json_schema["schema"]["properties"]["foods"]["items"]["required"]
    return keys


def _picture(messages: list[Any]) -> bytes:
    for message in messages:
        for part in message["content"] if isinstance(message["content"], list) else ():
            if part["type"] == "image_url" and part["image_url"]["url"].startswith(DATA_URL):
                encoded: str = part["image_url"]["url"].removeprefix(DATA_URL)
                return base64.b64decode(encoded, validate=True)
    raise ValueError("no picture")


def _facts(serving: Serving) -> dict[str, Any]:
    dish, portion_g = serving.dish, serving.portion_g
    return {
        "name_ko": dish.name_ko,
        "name_en": dish.name_en,
        "portion_low_g": round(portion_g * (1 - serving.spread)),
        "portion_likely_g": portion_g,
        "portion_high_g": round(portion_g * (1 + serving.spread)),
        **{n.value: round(dish.per_100g.amount(n) * portion_g / 100, 1) for n in Nutrient},
    }


def completion(message: dict[str, Any], finish_reason: str = "stop") -> dict[str, Any]:
    """A chat completion with one choice."""
    return {
        "id": "chatcmpl-simulated",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "finish_reason": finish_reason,
                "logprobs": None,
                "message": {"role": "assistant", "content": None, "refusal": None, **message},
            }
        ],
        "usage": {"prompt_tokens": 1_100, "completion_tokens": 120, "total_tokens": 1_220},
    }


def _with_content(content: str | None) -> dict[str, Any]:
    return completion({"content": content})


def _with_sodium(amount: float) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def spoiled(whole: dict[str, Any]) -> dict[str, Any]:
        foods = [{**food, "sodium_mg": amount} for food in whole["foods"]]
        return _with_content(json.dumps({**whole, "foods": foods}))

    return spoiled


def _huge_portions(whole: dict[str, Any]) -> dict[str, Any]:
    portion = {"portion_low_g": 1_800, "portion_likely_g": 2_000, "portion_high_g": 2_200}
    foods = [{**food, **portion} for food in whole["foods"]]
    return _with_content(json.dumps({**whole, "foods": foods}, ensure_ascii=False))


# What becomes of a whole answer, by the name of the mode.
BODIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ok": lambda whole: _with_content(json.dumps(whole, ensure_ascii=False)),
    "not_food": lambda whole: _with_content('{"is_food": false, "foods": []}'),
    "implausible": _huge_portions,
    "refusal": lambda whole: completion({"refusal": "I can't help with that."}),
    "truncation": lambda whole: completion({"content": json.dumps(whole)[:40]}, "length"),
    "filtered": lambda whole: completion({"content": ""}, "content_filter"),
    "broken_json": lambda whole: _with_content(json.dumps(whole)[:-5]),
    "wrong_shape": lambda whole: _with_content('{"dishes": ["비빔밥"]}'),
    "no_content": lambda whole: _with_content(None),
    "empty": lambda whole: {},
    "no_choices": lambda whole: {**_with_content(None), "choices": []},
    "nan": _with_sodium(math.nan),
    "negative": _with_sodium(-1.0),
    "huge": _with_sodium(1e12),
}
