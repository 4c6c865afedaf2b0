"""A document as OpenAPI 3.0.3, for tools that do not know 3.1."""

from __future__ import annotations

from typing import Any


def as_3_0(document: dict[str, Any]) -> dict[str, Any]:
    """The same document in the words of 3.0.3."""
    older: dict[str, Any] = _older(document)
    return {**older, "openapi": "3.0.3"}


def _older(node: Any) -> Any:
    if isinstance(node, list):
        return [_older(item) for item in node]
    if not isinstance(node, dict):
        return node
    if {"type": "null"} in node.get("anyOf", ()):
        rest = {name: value for name, value in node.items() if name != "anyOf"}
        return {**_older(rest), "allOf": _older(node["anyOf"][:1]), "nullable": True}
    result = {name: _older(value) for name, value in node.items()}
    if isinstance(node.get("type"), list):
        result |= {"type": node["type"][0], "nullable": True}
    if isinstance(node.get("exclusiveMinimum"), int | float):
        result |= {"minimum": node["exclusiveMinimum"], "exclusiveMinimum": True}
    return result
