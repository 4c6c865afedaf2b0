"""Examples of requests and answers, put together from those of their fields."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.codec import kinds
from gateway.codec.enums import enum_names
from gateway.openapi.rules import bounds, is_output_only, list_bounds, rule_of

# What stands for a field whose annotation gives no example, and which can not be left out.
_BY_NAME: dict[str, Any] = {
    kinds.TIMESTAMP: "2025-11-27T09:30:00Z",
    kinds.DURATION: "1.5s",
    kinds.FIELD_MASK: "",
    kinds.STRUCT: {},
    kinds.VALUE: "text",
    kinds.LIST_VALUE: [],
}
_BY_TYPE: dict[int, Any] = {
    FieldDescriptor.TYPE_STRING: "text",
    FieldDescriptor.TYPE_BYTES: "dGV4dA==",
    FieldDescriptor.TYPE_BOOL: True,
}


def example(message: Descriptor, *, incoming: bool, above: tuple[str, ...] = ()) -> Any:
    """A message as JSON; `above` are the messages that hold it, which it does not hold again."""
    name = message.full_name
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name in kinds.WRAPPERS:
        return _one(message.fields_by_name["value"], incoming, above)
    above = (*above, name)
    return {
        field.name: field_example(field, incoming=incoming, above=above)
        for field in message.fields
        if _is_shown(field, incoming, above)
    }


def field_example(field: FieldDescriptor, *, incoming: bool, above: tuple[str, ...] = ()) -> Any:
    """The value of one field as JSON."""
    stated = stated_example(field)
    if stated is not None:
        return stated
    if kinds.is_map(field):
        return {}
    one = _within(field, _one(field, incoming, above))
    if not field.is_repeated:
        return one
    return [one] * max(list_bounds(field).get("minItems", 1), 1)


def stated_example(field: FieldDescriptor) -> Any:
    """The example that the field's annotation gives; None where it gives none, or null."""
    text = rule_of(field).example
    if not text:
        return None
    if field.is_repeated or text == "null":
        return json.loads(text)
    message = field.message_type
    is_text = message.full_name in kinds.TEXTUAL if message else _is_text(field)
    return text if is_text else json.loads(text)


def _is_text(field: FieldDescriptor) -> bool:
    types = (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_ENUM)
    return field.type in types


def _one(field: FieldDescriptor, incoming: bool, above: tuple[str, ...]) -> Any:
    if field.message_type is not None:
        return example(field.message_type, incoming=incoming, above=above)
    if field.enum_type is not None:
        return next(iter(enum_names(field.enum_type).by_name), "")
    return _BY_TYPE.get(field.type, 1)


def _within(field: FieldDescriptor, value: Any) -> Any:
    """A value inside of the field's bounds; one with a pattern needs an example of its own."""
    limits = bounds(field)
    if field.type == FieldDescriptor.TYPE_STRING:
        if limits.get("format") == "date":
            return "2025-11-27"
        return value.ljust(limits.get("minLength", 0), "x")[: limits.get("maxLength")]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    value = max(value, limits.get("minimum", value))
    above = limits.get("exclusiveMinimum")
    if above is not None and value <= above:
        value = above + 1
    most = limits.get("maximum", value)
    if above is not None and value > most:
        return (above + most) / 2
    return min(value, most)


def _is_shown(field: FieldDescriptor, incoming: bool, above: tuple[str, ...]) -> bool:
    """Of a oneof the first field; of optional values those that have an example."""
    if (incoming and is_output_only(field)) or kinds.is_raw(field):
        return False
    oneof = field.containing_oneof
    if oneof is not None and field != oneof.fields[0]:
        return False
    if rule_of(field).example:
        return rule_of(field).example != "null"
    if field.message_type is not None:
        return field.message_type.full_name not in above
    return not field.has_presence or field.enum_type is not None
