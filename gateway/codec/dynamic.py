"""google.protobuf.Struct, Value and ListValue: JSON without a schema."""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2

from gateway.codec.numbers import number

# protobuf parses 100 levels of messages; a level of JSON is up to three of them.
MAX_DEPTH = 30


def struct_to_json(message: Any) -> dict[str, Any]:
    """A Struct as an object."""
    return {name: value_to_json(value) for name, value in message.fields.items()}


def list_to_json(message: Any) -> list[Any]:
    """A ListValue as a list."""
    return [value_to_json(value) for value in message.values]


def value_to_json(message: Any) -> Any:
    """A Value as whatever it holds; one that holds nothing is null."""
    kind = message.WhichOneof("kind")
    if kind == "struct_value":
        return struct_to_json(message.struct_value)
    if kind == "list_value":
        return list_to_json(message.list_value)
    if kind == "number_value":
        return number(message.number_value)
    return None if kind in (None, "null_value") else getattr(message, kind)


def json_to_value(value: Any, depth: int = 1) -> struct_pb2.Value:
    """Any JSON value as a Value.

    Raises:
        ValueError: it is nested deeper than MAX_DEPTH.
    """
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if isinstance(value, dict):
        return struct_pb2.Value(struct_value=json_to_struct(value, depth))
    if isinstance(value, list):
        return struct_pb2.Value(list_value=json_to_list(value, depth))
    return struct_pb2.Value(number_value=value)


def json_to_struct(value: dict[str, Any], depth: int = 1) -> struct_pb2.Struct:
    """An object as a Struct. Raises as json_to_value."""
    _check(depth)
    fields = {name: json_to_value(item, depth + 1) for name, item in value.items()}
    return struct_pb2.Struct(fields=fields)


def json_to_list(value: list[Any], depth: int = 1) -> struct_pb2.ListValue:
    """A list as a ListValue. Raises as json_to_value."""
    _check(depth)
    return struct_pb2.ListValue(values=[json_to_value(item, depth + 1) for item in value])


def _check(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
