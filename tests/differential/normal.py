"""What Envoy can not be told, so that the rest can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from google.api import annotations_pb2 as http_annotations
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.rpc import error_details_pb2, status_pb2

from gateway.codec import kinds
from gateway.codec.enums import enum_names
from gateway.v1 import annotations_pb2

_INT64 = {number for number, (_, high) in kinds.INTEGER_RANGES.items() if high > 2**32}
_OMIT: Any = object()


def contract_for_envoy(descriptor_set: bytes) -> bytes:
    """The contract in terms that Envoy knows.

    Its enum values are named by the JSON strings that the gateway's own annotation gives them (the
    wire has numbers, so nothing else changes), a `response_body`, with which Envoy does not start,
    is left out, and the types of error details are added.
    """
    contract = descriptor_pb2.FileDescriptorSet.FromString(descriptor_set)
    for file in contract.file:
        for enum in file.enum_type:
            for value in enum.value:
                named = value.options.Extensions[annotations_pb2.value].json_name
                value.name = named or value.name
        for service in file.service:
            for method in service.method:
                _without_response_body(method)
    known = {file.name for file in contract.file}
    for module in (status_pb2, error_details_pb2):
        for each in (*module.DESCRIPTOR.dependencies, module.DESCRIPTOR):
            if each.name not in known:
                known.add(each.name)
                each.CopyToProto(contract.file.add())
    return contract.SerializeToString()


def _without_response_body(method: descriptor_pb2.MethodDescriptorProto) -> None:
    method.options.Extensions[http_annotations.http].ClearField("response_body")


def as_ours(value: Any, message: Descriptor) -> Any:
    """JSON that Envoy wrote of a message, as the gateway writes it."""
    name = message.full_name
    if name == kinds.FIELD_MASK:
        return re.sub("[A-Z]", lambda hump: f"_{hump[0].lower()}", value)
    if name in kinds.WRAPPERS:
        return _item(value, message.fields_by_name["value"])
    if not kinds.is_plain(message) or not isinstance(value, dict):
        return value
    fields = message.fields_by_name
    # A name that is no field is of a google.rpc.Status, with which a stream may end.
    pairs = ((k, _field(v, fields[k]) if k in fields else v) for k, v in value.items())
    return _kept(pairs)


def _field(value: Any, field: FieldDescriptor) -> Any:
    if kinds.is_map(field):
        entry = kinds.message_of(field).fields_by_name["value"]
        return _kept((key, _item(item, entry)) for key, item in value.items())
    if field.is_repeated:
        return [found for item in value if (found := _item(item, field)) is not _OMIT]
    return _item(value, field)


def _item(value: Any, field: FieldDescriptor) -> Any:
    if field.message_type is not None:
        return as_ours(value, field.message_type)
    if field.enum_type is not None:
        # A value without a JSON string is not printed by the gateway.
        return value if value in enum_names(field.enum_type).by_name else _OMIT
    return int(value) if field.type in _INT64 else value


def _kept(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: item for name, item in pairs if item is not _OMIT}
