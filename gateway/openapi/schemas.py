"""JSON schemas of messages and enums, as the codec reads and writes them.

Only what OpenAPI 3.0 understands as well is used, for tools that do not know 3.1 yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.api import field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from gateway.codec import kinds
from gateway.codec.enums import enum_names

Schema = dict[str, Any]

ERROR = "Error"

_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "format": "byte"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_FLOAT: {"type": "number", "format": "float"},
}
_WELL_KNOWN: dict[str, Schema] = {
    kinds.TIMESTAMP: {"type": "string", "format": "date-time"},
    kinds.DURATION: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"},
    kinds.FIELD_MASK: {"type": "string"},
    kinds.STRUCT: {"type": "object", "additionalProperties": True},
    kinds.VALUE: {},
    kinds.LIST_VALUE: {"type": "array", "items": {}},
}


class Schemas:
    """Schemas by component name; those that are referred to are collected on the way."""

    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self._names: dict[str, str] = {}
        self.components: dict[str, Schema] = {ERROR: _ERROR_SCHEMA}

    def message(self, message: Descriptor) -> Schema:
        """The schema of a message: a reference where it is an ordinary one."""
        name = message.full_name
        if name in kinds.WRAPPERS:
            return self._item(message.fields_by_name["value"])
        if name in _WELL_KNOWN:
            return dict(_WELL_KNOWN[name])
        return self._reference(message, self._object)

    def object(self, message: Descriptor, without: frozenset[str] = frozenset()) -> Schema:
        """The schema of an ordinary message in place, without some of its fields."""
        fields = [field for field in message.fields if field.name not in without]
        schema: Schema = {
            "type": "object",
            "properties": {field.name: self.field(field) for field in fields},
        }
        required = [f.name for f in fields if field_behavior_pb2.REQUIRED in behaviors(f)]
        if required:
            schema["required"] = required
        return self._described(schema, message.full_name)

    def field(self, field: FieldDescriptor) -> Schema:
        """The schema of a field's value, with its comment."""
        schema = self._described(self.value(field), field.full_name)
        marks = behaviors(field)
        if field_behavior_pb2.OUTPUT_ONLY in marks:
            schema = {**_extensible(schema), "readOnly": True}
        if field_behavior_pb2.INPUT_ONLY in marks:
            schema = {**_extensible(schema), "writeOnly": True}
        return schema

    def value(self, field: FieldDescriptor) -> Schema:
        """The schema of a field's value, be it single, a list or a map."""
        if kinds.is_map(field):
            entry = kinds.message_of(field).fields_by_name["value"]
            return {"type": "object", "additionalProperties": self._item(entry)}
        item = self._item(field)
        return {"type": "array", "items": item} if field.is_repeated else item

    def _item(self, field: FieldDescriptor) -> Schema:
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self._reference(field.enum_type, self._enum)
        if field.type in _SCALARS:
            return dict(_SCALARS[field.type])
        low, high = kinds.INTEGER_RANGES[field.type]
        bits = 64 if high > 2**32 else 32
        schema: Schema = {"type": "integer", "format": f"int{bits}"}
        return {**schema, "minimum": 0} if low == 0 else schema

    def _reference(self, described: Any, build: Any) -> Schema:
        name = self._names.get(described.full_name)
        if name is None:
            taken = described.name in self.components
            name = described.full_name if taken else described.name
            self._names[described.full_name] = name
            self.components[name] = {}  # reserved: a message may hold itself
            self.components[name] = build(described)
        return {"$ref": f"#/components/schemas/{name}"}

    def _object(self, message: Descriptor) -> Schema:
        return self.object(message)

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

    def _described(self, schema: Schema, full_name: str) -> Schema:
        comment = self._comments.get(full_name)
        return {**_extensible(schema), "description": comment} if comment else schema


def behaviors(field: FieldDescriptor) -> frozenset[int]:
    """The field's google.api.field_behavior."""
    options: Any = field.GetOptions()
    return frozenset(options.Extensions[field_behavior_pb2.field_behavior])


def _extensible(schema: Schema) -> Schema:
    """OpenAPI 3.0 ignores what stands beside a reference, so that is wrapped."""
    return {"allOf": [schema]} if "$ref" in schema else schema


_ERROR_SCHEMA: Schema = {
    "type": "object",
    "description": "Every error, at every layer, has this shape.",
    "required": ["error_code", "message", "detail", "request_id"],
    "properties": {
        "error_code": {"type": "integer", "description": "The HTTP status."},
        "message": {"type": "string", "description": "For people, in the language asked for."},
        "detail": {
            "type": "object",
            "description": "For programs.",
            "required": ["reason"],
            "additionalProperties": True,
            "properties": {
                "reason": {"type": "string", "description": "Why, in UPPER_SNAKE_CASE."},
                "fields": {
                    "type": "array",
                    "description": "Every field that is wrong.",
                    "items": {
                        "type": "object",
                        "required": ["field", "message"],
                        "properties": {
                            "field": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
            },
        },
        "request_id": {"type": "string", "description": "Also in the X-Request-Id header."},
    },
}
