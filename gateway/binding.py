"""An HTTP request as the request message of a method: path, query and body.

Each binding of each method is compiled once. The path wins over what query and body say, and a
contradiction between them is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import DecodeError, Message

from gateway.api import Binding, Method
from gateway.codec import Decode, Decoders, kinds, parse
from gateway.contract import resolve
from gateway.failures import Violations, invalid
from gateway.http_body import constructor_values, is_http_body
from gateway.place import Place
from gateway.query import QueryReader, text_decoder

# protobuf parses so many levels of messages.
PROTOBUF_DEPTH = 100

# From (path variables, raw query string, body, its Content-Type) to the request message.
Binder = Callable[[Mapping[str, str], bytes, bytes, str], Message]
# From (body, its Content-Type) to the constructor's arguments of the request message.
_ReadBody = Callable[[bytes, str, Violations], dict[str, Any]]


def compile_binding(method: Method, binding: Binding, decoders: Decoders) -> Binder:
    """Compile one binding.

    The result raises GatewayError (INVALID_ARGUMENT) with every violation that it found.
    """
    variables = [
        (Place(method.input, name), _text(method, name)) for name in binding.template.field_paths
    ]
    query = QueryReader(method.input, binding.body, decoders.ignore_unknown)
    body = _body_reader(method, binding, decoders)
    may_be_too_deep = kinds.may_be_too_deep(method.input)

    def bind(path: Mapping[str, str], query_string: bytes, content: bytes, media: str) -> Message:
        violations = Violations()
        values = body(content, media, violations)
        if query_string:
            query.read(query_string, values, violations)
        for place, decode in variables:
            start = len(violations)
            value = decode(path[place.path], violations)
            violations.prefix(start, place.path)
            holder = place.reach(values, violations)
            if holder.setdefault(place.leaf, value) != value:
                violations.add(place.path, "path_conflict")
        violations.refuse()
        request = method.request_class(**values)
        if may_be_too_deep:
            _check_depth(request)
        return request

    return bind


def _check_depth(request: Message) -> None:
    """Refuse what protobuf could write but nobody could parse: the same answer with and without
    a channel between the gateway and the service.
    """
    try:
        type(request).FromString(request.SerializeToString())
    except DecodeError:
        raise invalid("", "json_depth", limit=str(PROTOBUF_DEPTH)) from None


def _text(method: Method, path: str) -> Decode:
    field = resolve(method.input, path)
    if field is None:
        raise AssertionError(f"{path} was checked when the contract was loaded")
    return text_decoder(field)


def _body_reader(method: Method, binding: Binding, decoders: Decoders) -> _ReadBody:
    if not binding.body:
        return _no_body
    if is_http_body(method.body_type(binding)):
        return _raw("" if binding.body == "*" else binding.body)
    if binding.body == "*":
        return _whole(decoders.message(method.input))
    return _one_field(method, binding, decoders)


def _no_body(content: bytes, media: str, violations: Violations) -> dict[str, Any]:
    if content.strip():
        raise invalid("", "unexpected_body")
    return {}


def _raw(field: str) -> _ReadBody:
    def read(content: bytes, media: str, violations: Violations) -> dict[str, Any]:
        values = constructor_values(content, media)
        return {field: values} if field else values

    return read


def _whole(decode: Decode) -> _ReadBody:
    def read(content: bytes, media: str, violations: Violations) -> dict[str, Any]:
        values = decode(parse(content), violations) if content.strip() else {}
        if isinstance(values, dict):
            return values
        # Free JSON: google.protobuf.Struct and its like. Else it is refused.
        fields = values.ListFields() if isinstance(values, Message) else ()
        return {field.name: value for field, value in fields}

    return read


def _one_field(method: Method, binding: Binding, decoders: Decoders) -> _ReadBody:
    field = method.input.fields_by_name[binding.body]
    decode = decoders.field(field)
    mask = mask_field(method, binding)
    # What the path names is whom the change concerns, and no part of it.
    inside = f"{field.name}."
    fixed = {path.removeprefix(inside) for path in binding.template.field_paths}
    known = field.message_type.fields_by_name if field.message_type else {}

    def read(content: bytes, media: str, violations: Violations) -> dict[str, Any]:
        value = parse(content) if content.strip() else None
        values = {} if value is None else {field.name: decode(value, violations)}
        if mask is not None:
            # What the body contains is what shall change; null is contained, and clears.
            names = value if isinstance(value, dict) else ()
            paths = [name for name in names if name in known and name not in fixed]
            values[mask] = {"paths": paths}
        return values

    return read


def mask_field(method: Method, binding: Binding) -> str | None:
    """The FieldMask that a PATCH of one field fills from what its body contains, if any."""
    if binding.http_method != "PATCH" or binding.body in ("", "*"):
        return None
    if is_http_body(method.body_type(binding)):
        return None
    for field in method.input.fields:
        message = field.message_type
        if message and message.full_name == kinds.FIELD_MASK and not field.is_repeated:
            return str(field.name)
    return None
