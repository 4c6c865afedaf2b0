"""The gateway's JSON is json_format's, for random messages of random types.

But for these differences, which are meant:

| | json_format | the gateway |
|---|---|---|
| integers of 64 bits | strings | numbers |
| the paths of a FieldMask | camelCase | as the contract spells them |
| the largest float of 32 bits | 3.4028235e+38, which some refuse | as a double, 17 digits |
| numbers that are not finite | strings like "NaN" | none; to print one is an error |
| enum values | their names, or numbers | their names, or what `gateway.v1.value` calls them |
| numbers that the enum does not name | printed | left out |
| google.protobuf.NullValue as the type of a field | null | as any other enum |
| google.protobuf.Any | an object with "@type" | refused when the gateway starts |
| input: camelCase names, numbers in quotes, enums as numbers, null items | taken | refused |
| input: free JSON deeper than 30 levels | taken | refused |

The first three are `as_here` and `as_there` below; what has no form on one side is not generated.
What the gateway takes, json_format takes too, and both understand the same.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson
from any_message import FIELDS, SPECIAL, arguments, messages
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.codec import Decoders, Encoders, kinds, parse
from gateway.codec.numbers import LARGEST_SINGLE
from gateway.failures import GatewayError, Violations

# Always the same examples, so that a failure stays one.
steady = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LONG = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
Leaf = Callable[[FieldDescriptor, Any], Any]


# ---- the differences


def as_here(message: Descriptor, value: Any) -> Any:
    """The gateway's JSON, from json_format's."""

    def leaf(field: FieldDescriptor, item: Any) -> Any:
        if field.cpp_type in LONG and isinstance(item, str):
            return int(item)
        if field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT and abs(item) > LARGEST_SINGLE:
            return math.copysign(LARGEST_SINGLE, item)
        if is_mask(field) and isinstance(item, str):
            return re.sub(r"[A-Z]", lambda match: f"_{match[0].lower()}", item)
        return item

    return walk(message, value, leaf)


def as_there(message: Descriptor, value: Any) -> Any:
    """JSON that json_format understands as the gateway does: it takes numbers for any integer."""

    def leaf(field: FieldDescriptor, item: Any) -> Any:
        if is_mask(field) and isinstance(item, str):
            return re.sub(r"_([a-z])", lambda match: match[1].upper(), item)
        return item

    return walk(message, value, leaf)


def is_mask(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.full_name == kinds.FIELD_MASK


def walk(message: Descriptor, value: Any, leaf: Leaf) -> Any:
    """The JSON of a message with `leaf` applied to every value of its fields."""
    if not isinstance(value, dict) or message.full_name in SPECIAL:
        return value
    fields = message.fields_by_name
    return {n: walk_field(fields[n], v, leaf) if n in fields else v for n, v in value.items()}


def walk_field(field: FieldDescriptor, value: Any, leaf: Leaf) -> Any:
    if kinds.is_map(field) and isinstance(value, dict):
        item = kinds.message_of(field).fields_by_name["value"]
        return {key: walk_item(item, each, leaf) for key, each in value.items()}
    if field.is_repeated and isinstance(value, list):
        return [walk_item(field, each, leaf) for each in value]
    return walk_item(field, value, leaf)


def walk_item(field: FieldDescriptor, value: Any, leaf: Leaf) -> Any:
    message = field.message_type
    if message is not None and message.full_name in kinds.WRAPPERS:
        return leaf(message.fields_by_name["value"], value)
    value = leaf(field, value)
    return value if message is None else walk(message, value, leaf)


# ---- what holds


def there(message: Any) -> Any:
    """As json_format prints it."""
    return json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def printed(message: Any) -> bytes:
    return orjson.dumps(Encoders().message(message.DESCRIPTOR)(message))


def read(message: Any, body: bytes) -> Any:
    """Another message of the same type, as the gateway reads it.

    Raises:
        GatewayError: the body is refused.
    """
    violations = Violations()
    values = Decoders().message(message.DESCRIPTOR)(parse(body), violations)
    violations.refuse()
    return type(message)(**values)


@steady
@given(messages())
def test_it_is_printed_as_json_format_does(message: Any) -> None:
    assert orjson.loads(printed(message)) == as_here(message.DESCRIPTOR, there(message))


@steady
@given(messages())
def test_what_is_printed_is_read_again_by_both(message: Any) -> None:
    body = printed(message)
    assert read(message, body) == message
    given_there = as_there(message.DESCRIPTOR, orjson.loads(body))
    assert json_format.ParseDict(given_there, type(message)()) == message


ODD: list[Any] = [
    *(None, True, 0, 1, -1, 1.0, 1.5, -(2**63), 2**63, 1e300, "", "x", "1", "true", "E0_0"),
    *("1s", "2025-11-27T09:30:00.5+09:00", "aGk", "aGk=", "a_b", [], [None], [1], ["x"], {}),
    *({"f_1": 1}, {"f_2": "x"}, {"1": 1}, {"true": None}),
]


@steady
@given(messages(), st.data())
def test_what_the_gateway_takes_json_format_takes_too_and_understands_the_same(
    message: Any, data: st.DataObject
) -> None:
    body = orjson.loads(printed(message))
    if data.draw(st.booleans()):
        # Two messages at once: members of a oneof meet.
        other = type(message)(**data.draw(arguments(message.DESCRIPTOR)))
        body |= orjson.loads(printed(other))
    places = [*places_in(body), *((body, f"f_{number}") for number in range(FIELDS + 2))]
    if data.draw(st.booleans()):
        holder, key = data.draw(st.sampled_from(places))
        holder[key] = copy.deepcopy(data.draw(st.sampled_from(ODD)))
    try:
        understood = read(message, orjson.dumps(body))
    except GatewayError:
        return
    given_there = as_there(message.DESCRIPTOR, body)
    assert json_format.ParseDict(given_there, type(message)()) == understood


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value where something stands, as (holder, key)."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        yield value, key
        if isinstance(item, dict | list):
            yield from places_in(item)
