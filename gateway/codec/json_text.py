"""Strict JSON text: no duplicate names, no NaN, bounded depth, valid UTF-8, nothing after it.

orjson is strict in all but two of these: duplicate names and the depth. That no name is there twice
is proved cheaply by writing the result again and comparing the colons of the two texts; only where
that proves nothing does the standard library's slower scanner decide.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import orjson

from gateway.failures import Violations, invalid

MAX_DEPTH = 100
MAX_VALUES = 100_000
"""How many names and values one text may hold: 16 MB of the smallest ones would keep the process
busy for ten seconds, and everybody else waiting.
"""

# Possessive: it never goes back, so that a string without an end costs no more than another.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)


def parse(body: bytes) -> Any:
    """Parse UTF-8 JSON text into dict, list, str, int, float, bool and None.

    Raises:
        GatewayError: INVALID_ARGUMENT that says where and why it is not valid.
    """
    # Commas and colons inside of strings count only where there are many.
    if _values(body) > MAX_VALUES and _values(_STRING.sub(b"", body)) > MAX_VALUES:
        raise invalid("", "json_values", limit=f"{MAX_VALUES:,}")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _syntax(body, error) from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _check_depth(value, 1)
    # Every name has a colon. Strings may hold more, but without a backslash they are the same in
    # both texts, so that a name which was lost on the way shows as a difference.
    if b"\\" in body or body.count(b":") != orjson.dumps(value).count(b":"):
        _refuse_duplicates(body)
    return value


def _values(body: bytes) -> int:
    return body.count(b",") + body.count(b":")


def _syntax(body: bytes, error: orjson.JSONDecodeError) -> Exception:
    try:
        body.decode()
    except UnicodeDecodeError:
        return invalid("", "json_utf8")
    if error.msg.startswith("depth limit"):
        return invalid("", "json_depth", limit=str(MAX_DEPTH))
    return invalid("", "json_syntax", line=str(error.lineno), column=str(error.colno))


def _check_depth(value: Any, depth: int) -> None:
    if not isinstance(value, dict | list):
        return
    if depth > MAX_DEPTH:
        raise invalid("", "json_depth", limit=str(MAX_DEPTH))
    for item in value.values() if isinstance(value, dict) else value:
        _check_depth(item, depth + 1)


class _Pairs(dict[str, Any]):
    """An object that remembers the names that it was given twice."""

    twice: tuple[str, ...] = ()


def _pairs(pairs: list[tuple[str, Any]]) -> _Pairs:
    result = _Pairs(pairs)
    if len(result) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        result.twice = tuple(name for name, count in counts.items() if count > 1)
    return result


def _refuse_duplicates(body: bytes) -> None:
    # Numbers stay text: the standard library refuses integers of more than 4,300 digits.
    value = json.loads(body, object_pairs_hook=_pairs, parse_int=str, parse_float=str)
    violations = Violations()
    _collect(value, "", violations)
    violations.refuse()


def _collect(value: Any, path: str, violations: Violations) -> None:
    if isinstance(value, _Pairs):
        prefix = f"{path}." if path else ""
        for name in value.twice:
            violations.add(prefix + name[:100], "json_duplicate")
        for name, item in value.items():
            _collect(item, prefix + name[:100], violations)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _collect(item, f"{path}[{index}]", violations)
