"""JSON schemas of messages and enums, as the codec reads and writes them.

What is read and what is written differ: a request may leave out or null what is not required and
holds no unknown name; an answer always has the fields that are always printed, and may get more
of them in time. So a message that is both read and written has two schemas, `Food` and `FoodInput`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from gateway.codec import kinds
from gateway.codec.enums import enum_names
from gateway.openapi.components import Components
from gateway.openapi.rules import (
    alternatives,
    bounds,
    is_output_only,
    is_required,
    list_bounds,
    rule_of,
)

Schema = dict[str, Any]

_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "format": "byte"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
}
_WELL_KNOWN: dict[str, Schema] = {
    kinds.TIMESTAMP: {"type": "string", "format": "date-time"},
    kinds.DURATION: {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,9})?s$"},
    kinds.FIELD_MASK: {"type": "string"},
    kinds.STRUCT: {"type": "object", "additionalProperties": True},
    kinds.VALUE: {},
    kinds.LIST_VALUE: {"type": "array", "items": {}},
}


class Schemas:
    """Schemas of what is read (`incoming`) or of what is written, over shared components."""

    def __init__(
        self,
        comments: Mapping[str, str],
        components: Components,
        *,
        incoming: bool,
        written: frozenset[str] = frozenset(),
    ) -> None:
        self._comments = comments
        self._components = components
        self._incoming = incoming
        self._written = written

    def message(self, message: Descriptor) -> Schema:
        """The schema of a message: a reference where it is an ordinary one."""
        name = message.full_name
        if name in kinds.WRAPPERS:
            return self._item(message.fields_by_name["value"])
        if name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[name])
        suffix = "Input" if self._incoming and name in self._written else ""
        # With a hyphen the key is no other message's: there may be a `Food` and a `FoodInput`.
        key = f"{name}-{suffix}" if suffix else name
        return self._components.reference(
            "schemas", key, message.name + suffix, lambda: self.object(message)
        )

    def object(self, message: Descriptor, without: frozenset[str] = frozenset()) -> Schema:
        """The schema of an ordinary message in place, without some of its fields."""
        fields = [f for f in message.fields if f.name not in without and not kinds.is_raw(f)]
        needed = is_required if self._incoming else _is_printed
        return self._object(
            message,
            {field.name: self._field(field, nullable=not needed(field)) for field in fields},
            [field.name for field in fields if needed(field)],
        )

    def changes(self, message: Descriptor) -> Schema:
        """The schema of a message of which a PATCH takes the fields that are there: null clears an
        optional one, and what only the service says is refused.
        """
        fields = [field for field in message.fields if not is_output_only(field)]
        may_clear = [f for f in fields if f.has_presence and not is_required(f)]
        clearable = {f.name for f in may_clear if f.message_type is None}
        properties = {f.name: self._field(f, nullable=f.name in clearable) for f in fields}
        return self._object(message, properties, [])

    def value(self, field: FieldDescriptor) -> Schema:
        """The schema of a field's value, be it single, a list or a map."""
        if kinds.is_map(field):
            entry = kinds.message_of(field).fields_by_name
            values = {"type": "object", "additionalProperties": self._item(entry["value"])}
            names = _key_names(entry["key"])
            return {**values, "propertyNames": names} if names else values
        item = _bounded(self._item(field), bounds(field))
        if field.is_repeated:
            return {"type": "array", "items": item, **list_bounds(field)}
        return item

    def description(self, field: FieldDescriptor) -> str:
        """The comment of a field, and of which other fields it is the alternative."""
        comment = self._comments.get(field.full_name, "")
        return "\n\n".join(filter(None, (comment, alternatives(field))))

    def _object(self, message: Descriptor, properties: Schema, required: list[str]) -> Schema:
        schema: Schema = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        if self._incoming:
            schema["additionalProperties"] = False
            schema |= _choices(message, properties)
        return _described(schema, self._comments.get(message.full_name, ""))

    def _field(self, field: FieldDescriptor, *, nullable: bool) -> Schema:
        schema = self.value(field)
        if self._incoming and nullable:
            schema = _nullable(schema)
        return _described(schema, self.description(field))

    def _item(self, field: FieldDescriptor) -> Schema:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            enum = field.enum_type
            return self._components.reference(
                "schemas", enum.full_name, enum.name, lambda: self._enum(enum)
            )
        if field.type in _SCALARS:
            return dict(_SCALARS[field.type])
        low, high = kinds.INTEGER_RANGES[field.type]
        bits = 64 if high > 2**32 else 32
        if low == 0:
            return {"type": "integer", "format": f"uint{bits}", "minimum": 0}
        return {"type": "integer", "format": f"int{bits}"}

    def _enum(self, enum: EnumDescriptor) -> Schema:
        names = enum_names(enum)
        lines = [self._comments.get(enum.full_name, "")]
        for value in enum.values:
            # Values of an enum are siblings of the enum itself, in protobuf's naming.
            comment = self._comments.get(f"{enum.full_name}.{value.name}")
            if value.number in names.by_number and comment:
                lines.append(f"- `{names.by_number[value.number]}`: {comment}")
        schema: Schema = {"type": "string", "enum": list(names.by_name)}
        text = "\n".join(line for line in lines if line)
        return {**schema, "description": text} if text else schema


def closure(messages: Iterable[Descriptor]) -> frozenset[str]:
    """The full names of messages and of all that they hold."""
    found: set[str] = set()
    waiting = list(messages)
    while waiting:
        message = waiting.pop()
        if message.full_name not in found:
            found.add(message.full_name)
            fields = [field for field in message.fields if not kinds.is_raw(field)]
            waiting += [field.message_type for field in fields if field.message_type]
    return frozenset(found)


def _is_printed(field: FieldDescriptor) -> bool:
    """Whether every answer has the field: an enum's zero may have no JSON string."""
    if rule_of(field).always:
        return True
    if field.has_presence:
        return False
    enum = None if field.is_repeated else field.enum_type
    return enum is None or 0 in enum_names(enum).by_number


def _choices(message: Descriptor, properties: Schema) -> Schema:
    """That of a oneof at most one member is there; null is the same as absent."""
    there: Schema = {"not": {"type": "null"}}
    both = [
        {"required": [one, other], "properties": {one: there, other: there}}
        for oneof in message.oneofs
        for one, other in combinations((f.name for f in oneof.fields if f.name in properties), 2)
    ]
    return {"not": {"anyOf": both}} if both else {}


def _key_names(key: FieldDescriptor) -> Schema:
    """What the names of a map are like; empty where they are any text."""
    if key.type == FieldDescriptor.TYPE_STRING:
        return {}
    if key.type == FieldDescriptor.TYPE_BOOL:
        return {"enum": ["true", "false"]}
    return {"pattern": "^(0|-?[1-9][0-9]*)$"}


def _described(schema: Schema, text: str) -> Schema:
    return {**_extensible(schema), "description": text} if text else schema


def _bounded(schema: Schema, extra: Schema) -> Schema:
    return {**_extensible(schema), **extra} if extra else schema


def _nullable(schema: Schema) -> Schema:
    if not schema:
        return schema
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _extensible(schema: Schema) -> Schema:
    """OpenAPI 3.0 ignores what stands beside a reference, so that is wrapped."""
    return {"allOf": [schema]} if "$ref" in schema else schema
