"""A case as an HTTP request and as a message, by the contract alone: no code of the gateway."""

import re
from base64 import b64decode
from collections.abc import Mapping
from string import Template
from typing import Any
from urllib.parse import quote, urlencode

from google.api import annotations_pb2 as http_annotations
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from dietcare.v1 import service_pb2
from gateway.v1 import annotations_pb2
from refusals.case import Case

METHODS: Mapping[str, MethodDescriptor] = service_pb2.DESCRIPTOR.services_by_name[
    "DietCareService"
].methods_by_name
PREFIX = "/api/diet"


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with what `$…` stands for."""
    if isinstance(value, str):
        return Template(value).substitute(names)
    if isinstance(value, Mapping):
        return {key: filled(each, names) for key, each in value.items()}
    return [filled(each, names) for each in value] if isinstance(value, list) else value


def http_request(case: Case, names: Mapping[str, str]) -> tuple[str, str, Any]:
    """Method, address and body (None for none)."""
    if case.line:
        method, path = filled(case.line, names).split(" ", 1)
        return method, PREFIX + path, filled(case.body, names)
    rule = METHODS[case.rpc].GetOptions().Extensions[http_annotations.http]
    method = rule.WhichOneof("pattern")
    values = filled(case.request, names)
    path = re.sub(
        r"{(\w+)}", lambda variable: quote(values.pop(variable[1]), safe=""), getattr(rule, method)
    )
    if rule.body == "*":
        return method.upper(), path, values
    body = values.pop(rule.body) if rule.body else None
    return method.upper(), f"{path}?{urlencode(values)}" if values else path, body


def message(case: Case, names: Mapping[str, str]) -> Message:
    """The request message; a change is of the fields that its JSON names."""
    values = filled(case.request, names)
    if case.rpc == "UpdateMeal":
        values = {"update_mask": {"paths": list(values["meal"])}, **values}
    kind = METHODS[case.rpc].input_type
    made: Message = kind._concrete_class(**_arguments(kind.fields_by_name, values))
    return made


def _arguments(fields: Mapping[str, FieldDescriptor], values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [_item(fields[name], each) for each in value]
        if fields[name].is_repeated
        else _item(fields[name], value)
        for name, value in values.items()
        if value is not None
    }


def _item(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None and isinstance(value, str):
        rule = annotations_pb2.value
        named = {
            each.GetOptions().Extensions[rule].json_name: each for each in field.enum_type.values
        }
        return named[value].number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return b64decode(value)
    if field.message_type is None:
        return value
    if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name and isinstance(value, str):
        instant = Timestamp()
        instant.FromJsonString(value)
        return instant
    return _arguments(field.message_type.fields_by_name, value)
