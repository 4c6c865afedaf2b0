"""JSON values as messages, strictly, by decoders that are compiled once per message type.

A decoder gives what the message's constructor takes: a dict by field name. All violations of one
body are collected; fields are named by their path, like `foods[0].portion_g`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.codec import kinds
from gateway.codec.dynamic import MAX_DEPTH, json_to_list, json_to_struct, json_to_value
from gateway.codec.scalars import scalar, textual
from gateway.codec.suggest import unknown
from gateway.failures import GatewayConfigError, Violations

# From a JSON value to a value for the constructor. A violation's field is relative to the value;
# the result counts only where no violation was added.
Decode = Callable[[Any, Violations], Any]

# A field's decoder, whether it takes null, and up to two types of values that are right as they
# are: asking for these first saves most calls.
_Field = tuple[Decode, bool, type | None, type | None]
_PLAIN: dict[int, tuple[type, type]] = {
    FieldDescriptor.TYPE_STRING: (str, str),
    FieldDescriptor.TYPE_DOUBLE: (float, int),
    FieldDescriptor.TYPE_BOOL: (bool, bool),
}


class Decoders:
    """Compiles and keeps one decoder per message type."""

    def __init__(self, *, ignore_unknown: bool = False) -> None:
        self.ignore_unknown = ignore_unknown
        self._messages: dict[str, Decode] = {}

    def message(self, message: Descriptor) -> Decode:
        """The decoder of a message type.

        Raises:
            GatewayConfigError: the type holds a google.protobuf.Any or a google.api.HttpBody.
        """
        name = message.full_name
        if name not in self._messages:
            self._messages[name] = self._well_known(message) or self._compile(message)
        return self._messages[name]

    def field(self, field: FieldDescriptor) -> Decode:
        """The decoder of a field's value, be it single, a list or a map."""
        if kinds.is_map(field):
            return self._map(field)
        item = self._item(field)
        return _list(item, _takes_null(field)) if field.is_repeated else item

    def _item(self, field: FieldDescriptor) -> Decode:
        return self.message(field.message_type) if field.message_type else scalar(field)

    def _well_known(self, message: Descriptor) -> Decode | None:
        name = message.full_name
        if name in kinds.REFUSED:
            raise GatewayConfigError([kinds.REFUSED[name]])
        if name in kinds.WRAPPERS:
            inner = self._item(message.fields_by_name["value"])
            return lambda value, violations: {"value": inner(value, violations)}
        return textual(name) if name in kinds.TEXTUAL else _DYNAMIC.get(name)

    def _compile(self, message: Descriptor) -> Decode:
        fields: dict[str, _Field] = {}
        oneofs = [[f.name for f in oneof.fields] for oneof in message.oneofs]
        choices = [names for names in oneofs if len(names) > 1]
        ignore_unknown = self.ignore_unknown

        def decode(value: Any, violations: Violations) -> dict[str, Any]:
            result: dict[str, Any] = {}
            if not isinstance(value, dict):
                violations.add("", "expected_object")
                return result
            before = start = len(violations)
            for name, item in value.items():
                known = fields.get(name)
                if known is None:
                    if not ignore_unknown:
                        unknown(violations, "field", name, fields)
                        start = len(violations)
                    continue
                read, takes_null, plain, plain_too = known
                kind = type(item)
                if kind is plain or kind is plain_too:
                    result[name] = item
                elif item is not None or takes_null:
                    result[name] = read(item, violations)
                    if len(violations) != start:
                        violations.prefix(start, name)
                        start = len(violations)
            if choices and start == before:
                _check_choices(result, choices, violations)
            return result

        # Known before its fields are compiled: a message may hold itself.
        self._messages[message.full_name] = decode
        fields.update((field.name, self._known(field)) for field in message.fields)
        return decode

    def _known(self, field: FieldDescriptor) -> _Field:
        takes_null = _takes_null(field) and not field.is_repeated
        plain = (None, None) if field.is_repeated else _PLAIN.get(field.type, (None, None))
        return (self.field(field), takes_null, *plain)

    def _map(self, field: FieldDescriptor) -> Decode:
        entry = kinds.message_of(field).fields_by_name
        key, value = entry["key"], entry["value"]
        decode_key, decode_value = scalar(key, text=True), self._item(value)
        takes_null = _takes_null(value)

        def decode(items: Any, violations: Violations) -> dict[Any, Any]:
            if not isinstance(items, dict):
                violations.add("", "expected_object")
                return {}
            result = {}
            for name, item in items.items():
                start = len(violations)
                if item is None and not takes_null:
                    violations.add("", "expected_value")
                else:
                    result[decode_key(name, violations)] = decode_value(item, violations)
                violations.prefix(start, name[:100])
            return result

        return decode


def _takes_null(field: FieldDescriptor) -> bool:
    """Whether null is a value of its own rather than the absence of one."""
    message = field.message_type
    return message is not None and message.full_name == kinds.VALUE


def _list(item: Decode, takes_null: bool) -> Decode:
    def decode(values: Any, violations: Violations) -> list[Any]:
        if not isinstance(values, list):
            violations.add("", "expected_list")
            return []
        result = []
        start = len(violations)
        for index, value in enumerate(values):
            if value is None and not takes_null:
                violations.add("", "expected_value")
            else:
                result.append(item(value, violations))
            if len(violations) != start:
                violations.prefix(start, f"[{index}]")
                start = len(violations)
        return result

    return decode


def _check_choices(
    result: dict[str, Any], choices: list[list[str]], violations: Violations
) -> None:
    for names in choices:
        given = [name for name in names if name in result]
        for name in given[1:]:
            violations.add(name, "oneof", other=given[0])


def _dynamic(expected: type, key: str, convert: Callable[[Any], Any]) -> Decode:
    def decode(value: Any, violations: Violations) -> Any:
        if not isinstance(value, expected):
            violations.add("", key)
            return None
        try:
            return convert(value)
        except ValueError:
            violations.add("", "json_depth", limit=str(MAX_DEPTH))
            return None

    return decode


_DYNAMIC: dict[str, Decode] = {
    kinds.STRUCT: _dynamic(dict, "expected_object", json_to_struct),
    kinds.LIST_VALUE: _dynamic(list, "expected_list", json_to_list),
    kinds.VALUE: _dynamic(object, "expected_value", json_to_value),
}
