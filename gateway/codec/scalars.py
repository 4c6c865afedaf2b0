"""Single values: from JSON, and from the text of a path, a query or a map's key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from gateway.codec import kinds
from gateway.codec.enums import enum_names
from gateway.codec.wellknown import parse_bytes, parse_duration, parse_instant
from gateway.failures import Violations

Decode = Callable[[Any, Violations], Any]

# The largest double that still rounds to a finite float of 32 bits.
_LARGEST_SINGLE = 3.4028235677973365e38
_LEAST = -(2.0**63)
# Plain numbers only: no plus sign, exponent, leading zero or white space. An integer has one form,
# so that two keys of a map are never the same number.
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,19}")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,308})(?:\.[0-9]{1,400})?")


def scalar(field: FieldDescriptor, *, text: bool = False) -> Decode:
    """The decoder of one value of a field that is no message; from text where `text` is true."""
    match field.type:
        case FieldDescriptor.TYPE_STRING:
            return _string
        case FieldDescriptor.TYPE_BOOL:
            return _boolean_text if text else _boolean
        case FieldDescriptor.TYPE_BYTES:
            return _parsed(parse_bytes, "expected_base64")
        case FieldDescriptor.TYPE_ENUM:
            return _enum(field)
        case FieldDescriptor.TYPE_DOUBLE:
            return _from_decimal(_double) if text else _double
        case FieldDescriptor.TYPE_FLOAT:
            return _from_decimal(_single) if text else _single
    integer = _integer(*kinds.INTEGER_RANGES[field.type])
    return _from_integer(integer) if text else integer


def textual(full_name: str) -> Decode:
    """The decoder of a message that is one string in JSON and in text alike."""
    match full_name:
        case kinds.TIMESTAMP:
            return _parsed(parse_instant, "expected_instant")
        case kinds.DURATION:
            return _parsed(parse_duration, "expected_duration")
    return _parsed(_mask, "expected_mask")


def _string(value: Any, violations: Violations) -> Any:
    if not isinstance(value, str):
        violations.add("", "expected_string")
    return value


def _boolean(value: Any, violations: Violations) -> Any:
    if not isinstance(value, bool):
        violations.add("", "expected_boolean")
    return value


def _boolean_text(value: str, violations: Violations) -> bool:
    if value not in ("true", "false"):
        violations.add("", "expected_boolean")
    return value == "true"


def _double(value: Any, violations: Violations) -> Any:
    kind = type(value)
    if kind is not float and kind is not int:
        violations.add("", "expected_number")
    return value


def _single(value: Any, violations: Violations) -> Any:
    if type(value) not in (float, int):
        violations.add("", "expected_number")
    elif abs(value) > _LARGEST_SINGLE:
        limit = f"{_LARGEST_SINGLE:.7e}"
        violations.add("", "out_of_range", low=f"-{limit}", high=limit)
    return value


def _integer(low: int, high: int) -> Decode:
    def decode(value: Any, violations: Violations) -> Any:
        if type(value) is float and value.is_integer():
            # orjson rounds what 64 bits can not hold: the least of these may have been less.
            value = int(value) - (value == _LEAST)
        if type(value) is not int:
            violations.add("", "expected_integer")
        elif not low <= value <= high:
            violations.add("", "out_of_range", low=str(low), high=str(high))
        return value

    return decode


def _from_integer(decode: Decode) -> Decode:
    def from_text(value: str, violations: Violations) -> Any:
        if _INTEGER.fullmatch(value):
            return decode(int(value), violations)
        violations.add("", "expected_integer")
        return None

    return from_text


def _from_decimal(decode: Decode) -> Decode:
    def from_text(value: str, violations: Violations) -> Any:
        if _DECIMAL.fullmatch(value):
            number = float(value)
            if number - number == 0.0:
                return decode(number, violations)
        violations.add("", "expected_number")
        return None

    return from_text


def _enum(field: FieldDescriptor) -> Decode:
    names = enum_names(kinds.enum_of(field))
    by_name, allowed = names.by_name, names.allowed

    def decode(value: Any, violations: Violations) -> Any:
        number = by_name.get(value) if isinstance(value, str) else None
        if number is None:
            violations.add("", "expected_enum", allowed=allowed)
        return number

    return decode


def _parsed(parse: Callable[[str], Any], key: str) -> Decode:
    def decode(value: Any, violations: Violations) -> Any:
        try:
            if isinstance(value, str):
                return parse(value)
        except ValueError:
            pass
        violations.add("", key)
        return None

    return decode


_PATHS = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*(,[a-z0-9_]+(\.[a-z0-9_]+)*)*", re.IGNORECASE)


def _mask(value: str) -> dict[str, list[str]]:
    if not value:
        return {"paths": []}
    if not _PATHS.fullmatch(value):
        raise ValueError
    return {"paths": value.split(",")}
