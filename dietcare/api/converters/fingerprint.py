"""What a request means, as a hash: two that mean the same have the same."""

import hashlib
from collections.abc import Iterable
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.message import Message

from dietcare.v1 import food_pb2, meal_pb2

# The user is part of what a key is unique for, named in the request or not.
SCOPE = "user_id"
IDS = ("meal_id", "analysis_id")


def fingerprint_of(request: Message) -> bytes:
    """SHA-256 of the request without what the service ignores in it."""
    meaning = type(request)()
    meaning.CopyFrom(request)
    meaning.DiscardUnknownFields()
    meaning.ClearField(SCOPE)
    _lower_ids(meaning)
    if isinstance(meaning, meal_pb2.LogMealRequest):
        _clear_ignored(meaning.foods)
    if isinstance(meaning, meal_pb2.UpdateMealRequest):
        _keep_masked(meaning)
        _clear_ignored(meaning.meal.foods)
    return hashlib.sha256(meaning.SerializeToString(deterministic=True)).digest()


def _keep_masked(request: meal_pb2.UpdateMealRequest) -> None:
    """The mask is a set, and nothing else of the meal is looked at."""
    masked = sorted(set(request.update_mask.paths))
    request.update_mask.paths[:] = masked
    for name in [field.name for field, _ in request.meal.ListFields()]:
        if name not in masked:
            request.meal.ClearField(name)
    _lower_ids(request.meal)


def _clear_ignored(foods: Iterable[food_pb2.Food]) -> None:
    for food in foods:
        for name in IGNORED:
            food.ClearField(name)


def _lower_ids(message: Message) -> None:
    for name in IDS:
        field = message.DESCRIPTOR.fields_by_name.get(name)
        value: str = getattr(message, name) if field is not None else ""
        if value:
            setattr(message, name, value.lower())


def _is_ignored(field: Any) -> bool:
    # protoc's stubs type an extension as a plain descriptor, which no extension index accepts.
    rule: Any = field_behavior_pb2.field_behavior
    return field_behavior_pb2.OUTPUT_ONLY in field.GetOptions().Extensions[rule]


IGNORED = tuple(field.name for field in food_pb2.Food.DESCRIPTOR.fields if _is_ignored(field))
"""What only the server says of a food."""
