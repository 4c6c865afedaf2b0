"""Markers for every field of a message, and the search for them where they must not be."""

from collections.abc import Iterable, Iterator
from typing import Any

from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from dietcare.v1 import service_pb2

# Together they are found however a value is written: as text, as bytes, as a number.
TEXT = "kanarienvogel"
NUMBER = 312.90817
WHOLE = 90817
MARKERS = (TEXT, "90817", TEXT.encode().hex(), "a2FuYXJpZW52b2dlb")  # the last one is base64

SERVICE = service_pb2.DESCRIPTOR.services_by_name["DietCareService"]


def leaks(texts: Iterable[str]) -> list[str]:
    """What stands around each marker that is found in `texts`."""
    return [around for text in texts for around in _around(text)]


def _around(text: str) -> Iterator[str]:
    lower = text.lower()
    for marker in MARKERS:
        at = lower.find(marker.lower())
        while at >= 0:
            yield text[max(0, at - 120) : at + 40]
            at = lower.find(marker.lower(), at + 1)


def requests() -> Iterator[tuple[Any, Message]]:
    """Every RPC, and its request with a marker in each field."""
    for method in SERVICE.methods:
        message = _new(method.input_type)
        plant(message)
        yield method, message


def rest_of(method: Any, message: Message) -> tuple[str, str, dict[str, Any]]:
    """The HTTP method and path of an RPC, and the request as JSON."""
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    verb = rule.WhichOneof("pattern")
    path = getattr(rule, verb)
    said = MessageToDict(message, preserving_proto_field_name=True)
    for name in [part for part in said if f"{{{part}}}" in path]:
        path = path.replace(f"{{{name}}}", str(said.pop(name)))
    return verb.upper(), path, said


def query_of(said: dict[str, Any]) -> dict[str, str]:
    """The plain fields of a request, as a query has them."""
    return {name: str(value) for name, value in said.items() if not isinstance(value, dict | list)}


def plant(message: Message) -> None:
    """Put a marker into every field, however deep."""
    if isinstance(message, FieldMask):  # the client's own names, which an error may tell
        message.paths.append("note")
        return
    for field in message.DESCRIPTOR.fields:
        if field.is_repeated:
            _plant_repeated(message, field)
        elif field.message_type is not None:
            plant(getattr(message, field.name))
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, _value(field))


def _plant_repeated(message: Message, field: FieldDescriptor) -> None:
    values = getattr(message, field.name)
    if field.message_type is None:
        values.append(_value(field))
    elif not field.message_type.GetOptions().map_entry:
        plant(values.add())


def _value(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        is_bytes = field.type == FieldDescriptor.TYPE_BYTES
        return TEXT.encode() if is_bytes else TEXT
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return True
    if field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return NUMBER
    return WHOLE


def _new(descriptor: Descriptor) -> Message:
    made: Message = descriptor._concrete_class()
    return made
