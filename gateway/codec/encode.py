"""Messages as JSON values, by encoders that are compiled once per message type.

Fields come in the order of their declaration under their proto names. What has no presence is
always printed; what has presence only where it is set; an enum value without a JSON name never.
"""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.codec import kinds
from gateway.codec.compiled import OMIT, Convert, compile_encoder
from gateway.codec.dynamic import list_to_json, struct_to_json, value_to_json
from gateway.codec.enums import enum_names
from gateway.codec.numbers import number, short_number
from gateway.codec.wellknown import format_bytes, format_duration, format_instant
from gateway.failures import GatewayConfigError

# Every item of a repeated field, as a list.
_ALL: Convert = itemgetter(slice(None))
_WELL_KNOWN: dict[str, Convert] = {
    kinds.TIMESTAMP: format_instant,
    kinds.DURATION: format_duration,
    kinds.FIELD_MASK: lambda message: ",".join(message.paths),
    kinds.STRUCT: struct_to_json,
    kinds.VALUE: value_to_json,
    kinds.LIST_VALUE: list_to_json,
}


class Encoders:
    """Compiles and keeps one encoder per message type."""

    def __init__(self) -> None:
        self._messages: dict[str, Convert] = {}

    def message(self, message: Descriptor) -> Convert:
        """The encoder of a message type: for ordinary messages it gives a dict.

        Raises:
            GatewayConfigError: the type holds a google.protobuf.Any or a google.api.HttpBody.
        """
        name = message.full_name
        if name not in self._messages:
            self._messages[name] = self._well_known(message) or self._compile(message)
        return self._messages[name]

    def field(self, field: FieldDescriptor) -> Convert | None:
        """The encoder of a field's value; None where protobuf's value is JSON's already."""
        if kinds.is_map(field):
            return self._map(field)
        item = self._item(field)
        if not field.is_repeated:
            return item
        if field.enum_type is not None and item is not None:
            return _some(item)
        return _list(item) if item else _ALL

    def _well_known(self, message: Descriptor) -> Convert | None:
        if message.full_name in kinds.REFUSED:
            raise GatewayConfigError([kinds.REFUSED[message.full_name]])
        if message.full_name in kinds.WRAPPERS:
            inner = self._item(message.fields_by_name["value"])
            return (lambda wrapper: inner(wrapper.value)) if inner else attrgetter("value")
        return _WELL_KNOWN.get(message.full_name)

    def _compile(self, message: Descriptor) -> Convert:
        names: dict[str, Any] = {}
        # Known before its fields are compiled: a message may hold itself.
        self._messages[message.full_name] = lambda value: names["encode"](value)
        plan = [(field, self.field(field)) for field in message.fields if not kinds.is_raw(field)]
        encode = self._messages[message.full_name] = compile_encoder(plan, names)
        return encode

    def _item(self, field: FieldDescriptor) -> Convert | None:
        match field.type:
            case FieldDescriptor.TYPE_MESSAGE | FieldDescriptor.TYPE_GROUP:
                return self.message(kinds.message_of(field))
            case FieldDescriptor.TYPE_ENUM:
                names = enum_names(kinds.enum_of(field)).by_number
                return lambda value: names.get(value, OMIT)
            case FieldDescriptor.TYPE_DOUBLE:
                return number
            case FieldDescriptor.TYPE_FLOAT:
                return short_number
            case FieldDescriptor.TYPE_BYTES:
                return format_bytes
        return None

    def _map(self, field: FieldDescriptor) -> Convert:
        entry = kinds.message_of(field).fields_by_name
        key, value = entry["key"], entry["value"]
        key_text = _bool_key if key.type == FieldDescriptor.TYPE_BOOL else str
        convert = self._item(value) or _same

        def encode(items: Any) -> dict[str, Any]:
            # Sorted, because the order of a map is not defined and answers should be comparable.
            pairs = ((key_text(name), convert(items[name])) for name in sorted(items))
            return {name: item for name, item in pairs if item is not OMIT}

        return encode


def _list(item: Convert) -> Convert:
    # A slice is a list at once; an iterator of protobuf's ends with an exception, which is slow.
    return lambda values: [item(value) for value in values[:]] if values else []


def _some(item: Convert) -> Convert:
    return lambda values: [found for found in map(item, values[:]) if found is not OMIT]


def _bool_key(key: bool) -> str:
    return "true" if key else "false"


def _same(value: Any) -> Any:
    return value
