"""What the codec needs to know of a field: one vocabulary for encoders, decoders and OpenAPI."""

from __future__ import annotations

from typing import Any

from google.api import httpbody_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from gateway.v1 import annotations_pb2

INTEGER_RANGES: dict[int, tuple[int, int]] = {
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SINT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SFIXED32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_FIXED32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SINT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_SFIXED64: (-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.TYPE_FIXED64: (0, 2**64 - 1),
}

TIMESTAMP = "google.protobuf.Timestamp"
DURATION = "google.protobuf.Duration"
FIELD_MASK = "google.protobuf.FieldMask"
STRUCT = "google.protobuf.Struct"
VALUE = "google.protobuf.Value"
LIST_VALUE = "google.protobuf.ListValue"
ANY = "google.protobuf.Any"
# Importing it also puts the package's own file into the descriptor pool. Were a contract's build of
# the file there first, nobody could import the package's any more.
HTTP_BODY: str = httpbody_pb2.HttpBody.DESCRIPTOR.full_name
# What has no form in JSON here, and why.
REFUSED = {
    ANY: f"{ANY} is not supported",
    HTTP_BODY: f"{HTTP_BODY} must be the whole body, or none of it",
}
WRAPPERS = frozenset(
    f"google.protobuf.{name}Value"
    for name in (
        "Double",
        "Float",
        "Int64",
        "UInt64",
        "Int32",
        "UInt32",
        "Bool",
        "String",
        "Bytes",
    )
)
# Messages that are one string in JSON, so that a query or a path can carry them too.
TEXTUAL = frozenset((TIMESTAMP, DURATION, FIELD_MASK))


def message_of(field: FieldDescriptor) -> Descriptor:
    """The message type of a field that is known to have one."""
    if field.message_type is None:
        raise TypeError(f"{field.full_name} is no message")
    return field.message_type


def enum_of(field: FieldDescriptor) -> EnumDescriptor:
    """The enum type of a field that is known to have one."""
    if field.enum_type is None:
        raise TypeError(f"{field.full_name} is no enum")
    return field.enum_type


def is_raw(field: FieldDescriptor) -> bool:
    """Whether the field is an HttpBody that a stream may answer with in place of JSON."""
    options: Any = field.GetOptions()
    return bool(options.Extensions[annotations_pb2.field].raw_media_types)


def is_map(field: FieldDescriptor) -> bool:
    """Whether the field is a map."""
    message = field.message_type
    return message is not None and bool(message.GetOptions().map_entry)


def may_be_too_deep(message: Descriptor) -> bool:
    """Whether JSON of allowed depth can be deeper, as a message, than protobuf parses.

    Of an ordinary message a level of JSON is one of protobuf's; of a Struct it is up to three. The
    decoders of these allow for that, but not for what a message that holds itself adds.
    """
    inside: dict[str, Descriptor] = {}
    _collect(message, inside)
    has_struct = not inside.keys().isdisjoint((STRUCT, VALUE, LIST_VALUE))
    return has_struct and any(each.full_name in _reachable(each) for each in inside.values())


def _reachable(message: Descriptor) -> set[str]:
    found: dict[str, Descriptor] = {}
    for field in message.fields:
        if field.message_type is not None and is_plain(message):
            _collect(field.message_type, found)
    return set(found)


def _collect(message: Descriptor, found: dict[str, Descriptor]) -> None:
    if message.full_name not in found:
        found[message.full_name] = message
        if is_plain(message):
            for field in message.fields:
                if field.message_type is not None:
                    _collect(field.message_type, found)


def is_plain(message: Descriptor) -> bool:
    """Whether the message is an ordinary one, with an object of its own fields as its JSON."""
    name = message.full_name
    special = (STRUCT, VALUE, LIST_VALUE, *REFUSED)
    return not (name in WRAPPERS or name in TEXTUAL or name in special)
