"""Query strings as fields of a request: `a.b=1&tags=x&tags=y`."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.codec import Decode, kinds
from gateway.codec.json_text import MAX_DEPTH
from gateway.codec.scalars import scalar, textual
from gateway.codec.suggest import unknown
from gateway.contract import is_textual, resolve
from gateway.failures import Violations
from gateway.place import Place

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")
# How deep the names of parameters are listed for suggestions and OpenAPI: messages may recurse.
# Deeper ones, as deep as JSON may be, are found when they are asked for.
_DEPTH = 3

# A field, the decoder of one item of it, and where it stands.
_Parameter = tuple[FieldDescriptor, Decode, Place]


def text_decoder(field: FieldDescriptor) -> Decode:
    """The decoder of one item of a textual field from text."""
    if field.message_type is None:
        return scalar(field, text=True)
    if field.message_type.full_name in kinds.TEXTUAL:
        return textual(field.message_type.full_name)
    inner = scalar(field.message_type.fields_by_name["value"], text=True)
    return lambda value, violations: {"value": inner(value, violations)}


def parameters(
    message: Descriptor, body: str = "", depth: int = _DEPTH
) -> dict[str, FieldDescriptor]:
    """The fields that a query may set, by dotted name. `body` is what the body sets already."""
    result: dict[str, FieldDescriptor] = {}
    if body == "*":
        return result
    for field in message.fields:
        if field.name == body:
            continue
        if is_textual(field):
            result[field.name] = field
        elif depth and not field.is_repeated and kinds.is_plain(kinds.message_of(field)):
            inner = parameters(kinds.message_of(field), depth=depth - 1)
            result.update((f"{field.name}.{name}", leaf) for name, leaf in inner.items())
    return result


class QueryReader:
    """Reads the query strings of one binding."""

    def __init__(self, message: Descriptor, body: str, ignore_unknown: bool) -> None:
        self._ignore_unknown = ignore_unknown
        self._message = message
        self._body = body
        self._fields = {
            name: (field, text_decoder(field), Place(message, name))
            for name, field in parameters(message, body).items()
        }

    def read(self, query: bytes, values: dict[str, Any], violations: Violations) -> None:
        """Put the parameters into `values`, the constructor's arguments of the request."""
        seen: dict[str, None] = {}
        for pair in query.split(b"&"):
            if not pair:
                continue
            raw_name, _, raw_value = pair.partition(b"=")
            name = _decode(raw_name)
            value = _decode(raw_value)
            if name is None or value is None:
                violations.add(name or "query", "not_utf8")
            else:
                parameter = self._fields.get(name) or self._deep(name)
                if parameter is not None:
                    self._set(name, parameter, value, seen, values, violations)
                elif not self._ignore_unknown:
                    unknown(violations, "parameter", name, self._fields)

    def _deep(self, name: str) -> _Parameter | None:
        """The parameter, if it is one that is too deep to be listed."""
        if not _DEPTH < name.count(".") < MAX_DEPTH or self._body in ("*", name.partition(".")[0]):
            return None
        field = resolve(self._message, name)
        if field is None or not is_textual(field):
            return None
        return field, text_decoder(field), Place(self._message, name)

    def _set(
        self,
        name: str,
        parameter: _Parameter,
        text: str,
        seen: dict[str, None],
        values: dict[str, Any],
        violations: Violations,
    ) -> None:
        field, decode, place = parameter
        if not text:
            violations.add(name, "empty")
            return
        if name in seen and not field.is_repeated:
            violations.add(name, "twice")
            return
        seen[name] = None
        start = len(violations)
        value = decode(text, violations)
        violations.prefix(start, name)
        holder = place.reach(values, violations)
        if field.is_repeated:
            holder.setdefault(place.leaf, []).append(value)
        else:
            holder[place.leaf] = value


def _decode(raw: bytes) -> str | None:
    """Decode one side of a pair: a plus sign is a space, as HTML forms write it."""
    try:
        raw = raw.replace(b"+", b" ")
        return (_ESCAPE.sub(_unescape, raw) if b"%" in raw else raw).decode()
    except ValueError:
        return None


def _unescape(match: re.Match[bytes]) -> bytes:
    if match.group(1) is None:
        raise ValueError("a percent sign without two hexadecimal digits")
    return bytes((int(match.group(1), 16),))
