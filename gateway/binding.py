"""An HTTP request as the request message of a method: path, query and body.

Each binding of each method is compiled once. The path wins over what query and body say, and a
contradiction between them is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway.api import Binding, Method
from gateway.codec import Decode, Decoders, kinds, parse
from gateway.contract import resolve
from gateway.failures import Violations, invalid
from gateway.query import QueryReader, text_decoder

# From (path variables, raw query string, body) to the request message.
Binder = Callable[[Mapping[str, str], bytes, bytes], Message]

_MISSING: Any = object()


def compile_binding(method: Method, binding: Binding, decoders: Decoders) -> Binder:
    """Compile one binding.

    The result raises GatewayError (INVALID_ARGUMENT) with every violation that it found.
    """
    variables = [variable.field_path for variable in binding.template.variables]
    paths = [(name.split("."), _text(method, name)) for name in variables]
    query = QueryReader(method.input, binding.body, decoders.ignore_unknown)
    body = _body_reader(method, binding, decoders)

    def bind(path: Mapping[str, str], query_string: bytes, content: bytes) -> Message:
        violations = Violations()
        values = body(content, violations)
        if query_string:
            query.read(query_string, values, violations)
        for name, (parts, decode) in zip(variables, paths, strict=True):
            start = len(violations)
            value = decode(path[name], violations)
            violations.prefix(start, name)
            _put(values, parts, value, violations)
        violations.refuse()
        return method.request_class(**values)

    return bind


def _text(method: Method, path: str) -> Decode:
    field = resolve(method.input, path)
    if field is None:
        raise AssertionError(f"{path} was checked when the contract was loaded")
    return text_decoder(field)


def _put(values: dict[str, Any], parts: list[str], value: Any, violations: Violations) -> None:
    *parents, leaf = parts
    for name in parents:
        values = values.setdefault(name, {})
    if values.setdefault(leaf, value) != value:
        violations.add(".".join(parts), "path_conflict")


def _body_reader(
    method: Method, binding: Binding, decoders: Decoders
) -> Callable[[bytes, Violations], dict[str, Any]]:
    if not binding.body:
        return _no_body
    if binding.body == "*":
        return _whole(decoders.message(method.input))
    field = method.input.fields_by_name[binding.body]
    return _one_field(field, decoders.field(field), mask_field(method, binding))


def _no_body(content: bytes, violations: Violations) -> dict[str, Any]:
    if content.strip():
        raise invalid("", "unexpected_body")
    return {}


def _whole(decode: Decode) -> Callable[[bytes, Violations], dict[str, Any]]:
    def read(content: bytes, violations: Violations) -> dict[str, Any]:
        values = decode(parse(content), violations) if content.strip() else {}
        return values if isinstance(values, dict) else {}

    return read


def _one_field(
    field: FieldDescriptor, decode: Decode, mask: str | None
) -> Callable[[bytes, Violations], dict[str, Any]]:
    def read(content: bytes, violations: Violations) -> dict[str, Any]:
        value = parse(content) if content.strip() else None
        values = {} if value is None else {field.name: decode(value, violations)}
        if mask is not None:
            # What the body contains is what shall change; null is contained, and clears.
            known = field.message_type.fields_by_name if field.message_type else {}
            names = value if isinstance(value, dict) else ()
            values[mask] = {"paths": [name for name in names if name in known]}
        return values

    return read


def mask_field(method: Method, binding: Binding) -> str | None:
    """The FieldMask that a PATCH of one field fills from what its body contains, if any."""
    if binding.http_method != "PATCH" or binding.body in ("", "*"):
        return None
    for field in method.input.fields:
        message = field.message_type
        if message and message.full_name == kinds.FIELD_MASK and not field.is_repeated:
            return str(field.name)
    return None
