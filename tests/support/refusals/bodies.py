"""Bodies of new meals that a message can not be, and headers that are wrong."""

from typing import Any

from refusals.case import MEAL, RICE, Case, rest
from refusals.meals import both

SAME_KEY = ("idempotency-key", "used")


def log(name: str, changed: dict[str, Any], *fields: str, says: str = "") -> Case:
    return rest(name, "LogMeal", "POST /meals", *fields, body=MEAL | changed, says=says)


def keyed(name: str, reason: str, *headers: tuple[str, str], only: str = "") -> list[Case]:
    """A new meal and a change, whose headers are wrong; all else is right."""
    fields = ("idempotency-key",) if reason == "INVALID_ARGUMENT" else ()
    change = {"meal_id": "$meal", "meal": {"note": "another"}}
    texts = {"name": name, "reason": reason, "fields": fields, "headers": headers, "only": only}
    return [
        Case(rpc="LogMeal", request=MEAL | {"note": "another"}, **texts),
        Case(rpc="UpdateMeal", request=change, **texts),
    ]


CASES = [
    log("an unknown type", {"meal_type": "brunch"}, "meal_type", says="breakfast, lunch, dinner"),
    log("a type in capitals", {"meal_type": "Lunch"}, "meal_type"),
    log("a number for a type", {"meal_type": 2}, "meal_type"),
    log("an object for foods", {"foods": RICE}, "foods"),
    log("a text for a food", {"foods": ["현미밥"]}, "foods[0]"),
    log("null for a food", {"foods": [None]}, "foods[0]"),
    log("a number in quotes", {"foods": [{**RICE, "portion_g": "210"}]}, "foods[0].portion_g"),
    log("true for a number", {"foods": [{**RICE, "portion_g": True}]}, "foods[0].portion_g"),
    log("an operator for a name", {"foods": [{**RICE, "name": {"$gt": ""}}]}, "foods[0].name"),
    log("an operator for a user", {"user_id": {"$ne": None}}, "user_id"),
    log("a number for a user", {"user_id": 5}, "user_id"),
    log("an instant without offset", {"logged_at": "2025-11-27T09:30:00"}, "logged_at"),
    log("an instant that is a date", {"logged_at": "2025-11-27"}, "logged_at"),
    log("an instant that is none", {"logged_at": "2025-02-30T09:30:00Z"}, "logged_at"),
    log("an instant as a number", {"logged_at": 1764235800}, "logged_at"),
    log("an unknown field", {"meal_typ": "lunch"}, "meal_typ", says="meal_type"),
    log("a name in camels", {"loggedAt": "2025-11-27T09:30:00Z"}, "loggedAt", says="logged_at"),
    log(
        "an unknown field of a food",
        {"foods": [{**RICE, "sodium": 1}]},
        *("foods[0].sodium",),
        says="sodium_mg",
    ),
    log(
        "all of another kind at once",
        {"meal_type": "brunch", "foods": [{**RICE, "portion_g": "1"}], "logged_at": 1, "zone": ""},
        *("foods[0].portion_g", "logged_at", "meal_type", "zone"),
    ),
    rest("a parameter", "LogMeal", "POST /meals?user_id=$me", "user_id", body=MEAL),
    *keyed("an empty key", "INVALID_ARGUMENT", ("idempotency-key", "")),
    *keyed("a key with a space", "INVALID_ARGUMENT", ("idempotency-key", "a b")),
    *keyed("a key of 256 characters", "INVALID_ARGUMENT", ("idempotency-key", "k" * 256)),
    *keyed("two keys", "INVALID_ARGUMENT", ("idempotency-key", "a"), ("idempotency-key", "b")),
    *keyed("the same key twice", "INVALID_ARGUMENT", *[("idempotency-key", "a")] * 2),
    *keyed("a key beyond ASCII", "INVALID_ARGUMENT", ("idempotency-key", "키"), only="REST"),
    *keyed("a key of another body", "IDEMPOTENCY_CONFLICT", SAME_KEY),
    *both(
        *("a key of what is refused", {"note": "a" * 1_001}, ("note",)),
        headers=(("idempotency-key", "fresh"),),
    ),
    Case(
        name="two tokens",
        rpc="GetStreak",
        headers=(("authorization", "Bearer another"),),
        reason="INVALID_ARGUMENT",
        fields=("authorization",),
        only="REST",
    ),
]
