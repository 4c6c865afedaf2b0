"""What annotations say of a field beyond its type: google.api.field_behavior, gateway.v1.field."""

from __future__ import annotations

from typing import Any

from google.api.field_behavior_pb2 import OUTPUT_ONLY, REQUIRED, field_behavior
from google.protobuf.descriptor import FieldDescriptor

from gateway.codec.kinds import is_raw
from gateway.v1 import annotations_pb2

Schema = dict[str, Any]


def rule_of(field: FieldDescriptor) -> annotations_pb2.FieldRule:
    """The field's gateway.v1.field, empty where it has none."""
    options: Any = field.GetOptions()
    rule: annotations_pb2.FieldRule = options.Extensions[annotations_pb2.field]
    return rule


def is_required(field: FieldDescriptor) -> bool:
    """Whether requests must have the field."""
    return REQUIRED in _behaviors(field)


def is_output_only(field: FieldDescriptor) -> bool:
    """Whether only the service says the field."""
    return OUTPUT_ONLY in _behaviors(field)


def alternatives(field: FieldDescriptor) -> str:
    """What a member of a oneof says of the others; empty for other fields."""
    oneof = field.containing_oneof
    names = [f"`{each.name}`" for each in oneof.fields if not is_raw(each)] if oneof else []
    return f"At most one of {', '.join(names)}." if len(names) > 1 else ""


def bounds(field: FieldDescriptor) -> Schema:
    """The keywords that bound one value of the field."""
    rule = rule_of(field)
    result: Schema = {}
    for keyword, name in (("minimum",) * 2, ("maximum",) * 2, ("exclusiveMinimum", "above")):
        if rule.HasField(name):
            number: float = getattr(rule, name)
            result[keyword] = int(number) if number.is_integer() else number
    if not field.is_repeated:
        result |= _sizes(rule, "Length")
    if rule.pattern:
        result["pattern"] = rule.pattern
    if rule.format:
        result["format"] = rule.format
    return result


def list_bounds(field: FieldDescriptor) -> Schema:
    """The keywords that bound a list's length."""
    return _sizes(rule_of(field), "Items")


def _sizes(rule: annotations_pb2.FieldRule, unit: str) -> Schema:
    sizes = (("min", "min_size"), ("max", "max_size"))
    return {f"{end}{unit}": getattr(rule, name) for end, name in sizes if rule.HasField(name)}


def _behaviors(field: FieldDescriptor) -> frozenset[int]:
    options: Any = field.GetOptions()
    return frozenset(options.Extensions[field_behavior])
