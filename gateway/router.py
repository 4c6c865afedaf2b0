"""A trie of path templates: literals before `*` before `**`, whatever the order of declaration.

It matches the path as it was sent, so that `%2F` inside of a variable stays one segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from gateway.failures import invalid
from gateway.template import REST, Template

T = TypeVar("T")

# RFC 6570 reserved characters: a variable of several segments keeps them escaped, else "%2F"
# could not be told from a slash (google.api.Http, fully_decode_reserved_expansion).
_RESERVED = frozenset(b":/?#[]@!$&'()*+,;=")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")
ANY_METHOD = "*"


class Match(NamedTuple, Generic[T]):
    """A route with the text of its variables, by field path."""

    target: T
    variables: dict[str, str]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No route: `allowed` lists the HTTP methods that the path has, empty where it has none."""

    allowed: tuple[str, ...]


@dataclass(slots=True)
class _Leaf(Generic[T]):
    by_method: dict[str, tuple[Template, T]] = field(default_factory=dict)


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, _Node[T]] = field(default_factory=dict)
    star: _Node[T] | None = None
    leaves: dict[str, _Leaf[T]] = field(default_factory=dict)
    rest: dict[str, _Leaf[T]] = field(default_factory=dict)


class Router(Generic[T]):
    """Finds the target of an HTTP method and a raw path."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        # Paths without variables, which nothing can beat: found without a walk.
        self._literal: dict[bytes, dict[str, tuple[Template, T]]] = {}

    def add(self, method: str, template: Template, target: T) -> T | None:
        """Add a route; returns the target that already has the same method and shape, if any."""
        node = self._root
        leaves = node.leaves
        for segment, wild in zip(template.segments, template.wild, strict=True):
            if wild and segment == REST:
                leaves = node.rest
                break
            if wild:
                node.star = node.star or _Node()
                node = node.star
            else:
                node = node.literals.setdefault(segment, _Node())
            leaves = node.leaves
        leaf = leaves.setdefault(template.verb, _Leaf())
        held = leaf.by_method.setdefault(method, (template, target))
        # An escape in a literal may stand for a slash or a percent sign: only the walk can tell.
        if not any(template.wild) and not template.verb and "%" not in template.text:
            self._literal["/".join(("", *template.segments)).encode()] = leaf.by_method
        return held[1] if held[1] is not target else None

    def find(self, method: str, raw_path: bytes) -> Match[T] | NoMatch:
        """Match `raw_path`, still percent-encoded and without its query.

        Raises:
            GatewayError: INVALID_ARGUMENT where a segment is not percent-encoded UTF-8.
        """
        literal = self._literal.get(raw_path)
        if literal is not None and method in literal:
            return Match(literal[method][1], {})
        allowed: dict[str, None] = {}
        for leaf, raw, segments in self._leaves(raw_path):
            found = _pick(leaf, method)
            variables = _bind(found[0] if found else _any(leaf), raw, segments)
            if variables is None:
                continue
            if found:
                return Match(found[1], variables)
            allowed.update(dict.fromkeys(leaf.by_method))
        return NoMatch(tuple(allowed))

    def methods(self, raw_path: bytes) -> tuple[str, ...]:
        """Every HTTP method that the path has, empty where it has none. Raises as find."""
        found: dict[str, None] = {}
        for leaf, raw, segments in self._leaves(raw_path):
            if _bind(_any(leaf), raw, segments) is not None:
                found.update(dict.fromkeys(leaf.by_method))
        return tuple(found)

    def _leaves(self, raw_path: bytes) -> Iterator[tuple[_Leaf[T], list[bytes], list[str]]]:
        raw = raw_path[1:].split(b"/")
        segments = [_decode(segment) for segment in raw]
        for leaf in _leaves(self._root, segments, raw):
            yield leaf, raw, segments


def _pick(leaf: _Leaf[T], method: str) -> tuple[Template, T] | None:
    """What serves the method: HEAD is GET without its body where nothing is made for it."""
    names = (method, "GET", ANY_METHOD) if method == "HEAD" else (method, ANY_METHOD)
    return next((leaf.by_method[name] for name in names if name in leaf.by_method), None)


def _any(leaf: _Leaf[T]) -> Template:
    return next(iter(leaf.by_method.values()))[0]


def _leaves(root: _Node[T], segments: list[str], raw: list[bytes]) -> Iterator[_Leaf[T]]:
    """Every leaf that fits, best first; with a verb first where the path could have one."""
    stem, colon, verb = raw[-1].rpartition(b":")
    if colon:
        stems = [*segments[:-1], _decode(stem)]
        yield from _walk(root, stems, 0, _decode(verb))
    yield from _walk(root, segments, 0, "")


def _walk(node: _Node[T], segments: list[str], depth: int, verb: str) -> Iterator[_Leaf[T]]:
    if depth == len(segments):
        if verb in node.leaves:
            yield node.leaves[verb]
    else:
        literal = node.literals.get(segments[depth])
        if literal is not None:
            yield from _walk(literal, segments, depth + 1, verb)
        if node.star is not None and segments[depth]:
            yield from _walk(node.star, segments, depth + 1, verb)
    if verb in node.rest:
        yield node.rest[verb]


def _bind(template: Template, raw: list[bytes], segments: list[str]) -> dict[str, str] | None:
    """The variables' texts, or None where one would be empty."""
    variables: dict[str, str] = {}
    if not template.variables:
        return variables
    if template.verb:
        raw = [*raw[:-1], raw[-1].rpartition(b":")[0]]
    for variable in template.variables:
        end = len(raw) if variable.end == -1 else variable.end
        if variable.multiple:
            value = _decode(b"/".join(raw[variable.start : end]), keep=_RESERVED)
        else:
            value = segments[variable.start] if not template.verb else _decode(raw[variable.start])
        if not value:
            return None
        variables[variable.field_path] = value
    return variables


def _decode(raw: bytes, keep: frozenset[int] = frozenset()) -> str:
    """Percent-decode UTF-8, all but the characters to keep."""
    try:
        if b"%" not in raw:
            return raw.decode()
        return _ESCAPE.sub(lambda match: _unescape(match, keep), raw).decode()
    except ValueError as error:
        raise invalid("path", "not_utf8") from error


def _unescape(match: re.Match[bytes], keep: frozenset[int]) -> bytes:
    digits = match.group(1)
    if digits is None:
        raise ValueError("a percent sign without two hexadecimal digits")
    value = int(digits, 16)
    return match.group(0) if value in keep else bytes((value,))
