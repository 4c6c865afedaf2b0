"""Path templates of google.api.http: `/v1/{name=shelves/*}/books/{book.id}:archive`.

    Template = "/" Segments [ Verb ]        Segments = Segment { "/" Segment }
    Segment  = "*" | "**" | LITERAL | Var   Var = "{" FieldPath [ "=" Segments ] "}"
    FieldPath = IDENT { "." IDENT }         Verb = ":" LITERAL

A variable holds no other variable, and `**` stands only at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

ANY = "*"
REST = "**"

_FIELD_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_LITERAL = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()+,;=@]|%[0-9A-Fa-f]{2})+")
# Splits at slashes and colons that are not inside of braces.
_PART = re.compile(r"(?:\{[^{}]*\}|[^{}/])*")


class TemplateError(ValueError):
    """The template breaks the grammar; the text says where."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A field of the request that segments [start, end) of the path fill; end -1: all the rest."""

    field_path: str
    start: int
    end: int

    @property
    def multiple(self) -> bool:
        """Whether it may hold several segments; such a value keeps reserved characters escaped."""
        return self.end == -1 or self.end - self.start > 1


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template. `segments` holds decoded literals, ANY and REST."""

    text: str
    segments: tuple[str, ...]
    # True where the segment of the same index is a wildcard rather than a literal "*".
    wild: tuple[bool, ...]
    verb: str
    variables: tuple[Variable, ...]

    @property
    def field_paths(self) -> tuple[str, ...]:
        """The fields of the request that the path fills."""
        return tuple(variable.field_path for variable in self.variables)


def parse(text: str) -> Template:
    """Parse a path template.

    Raises:
        TemplateError: it does not follow the grammar.
    """
    if not text.startswith("/"):
        raise TemplateError(f"{text!r} does not start with a slash")
    path, verb = _split_verb(text)
    segments: list[str] = []
    wild: list[bool] = []
    variables: list[Variable] = []
    for part in _parts(path[1:], text):
        if part.startswith("{"):
            variables.append(_variable(part, len(segments), segments, wild, text))
        else:
            _append(part, segments, wild, text)
    if any(s == REST and w for s, w in zip(segments[:-1], wild[:-1], strict=True)):
        raise TemplateError(f"{text!r}: ** is allowed only at the end")
    result = Template(text, tuple(segments), tuple(wild), verb, tuple(variables))
    if len(set(result.field_paths)) != len(variables):
        raise TemplateError(f"{text!r} binds a field twice")
    return result


def _split_verb(text: str) -> tuple[str, str]:
    slash, brace = text.rfind("/"), text.rfind("}")
    colon = text.find(":", max(slash, brace) + 1)
    if colon < 0:
        return text, ""
    verb = text[colon + 1 :]
    if not _LITERAL.fullmatch(verb):
        raise TemplateError(f"{text!r} has a malformed verb")
    return text[:colon], _decoded(verb, text)


def _parts(path: str, text: str) -> list[str]:
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(path, position)
        end = match.end() if match else position
        parts.append(path[position:end])
        if end == len(path):
            return parts
        if path[end] != "/":
            raise TemplateError(f"{text!r} has unbalanced braces")
        position = end + 1


def _append(part: str, segments: list[str], wild: list[bool], text: str) -> None:
    if part in (ANY, REST):
        segments.append(part)
        wild.append(True)
    elif _LITERAL.fullmatch(part):
        segments.append(_decoded(part, text))
        wild.append(False)
    else:
        raise TemplateError(f"{text!r} has a malformed segment {part!r}")


def _decoded(part: str, text: str) -> str:
    try:
        return unquote(part, errors="strict")
    except UnicodeDecodeError:
        raise TemplateError(f"{text!r}: {part!r} is not UTF-8, which no path can match") from None


def _variable(part: str, start: int, segments: list[str], wild: list[bool], text: str) -> Variable:
    if not part.endswith("}") or part.count("{") != 1:
        raise TemplateError(f"{text!r}: a variable must be a whole segment")
    name, equals, pattern = part[1:-1].partition("=")
    if not _FIELD_PATH.fullmatch(name):
        raise TemplateError(f"{text!r} has a malformed variable {part!r}")
    for piece in (pattern if equals else ANY).split("/"):
        _append(piece, segments, wild, text)
    rest = wild[-1] and segments[-1] == REST
    return Variable(name, start, -1 if rest else len(segments))
