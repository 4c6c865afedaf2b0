"""Paths of an OpenAPI document, from templates."""

from __future__ import annotations

import re
from urllib.parse import quote

from gateway.template import REST, Template


def slots(template: Template) -> list[tuple[str, str]]:
    """The parameters of a path: (field path or "" for a bare wildcard, pattern or "")."""
    result: list[tuple[str, str]] = []
    starts = {variable.start: variable for variable in template.variables}
    index = 0
    while index < len(template.segments):
        variable = starts.get(index)
        if variable is None:
            if template.wild[index]:
                result.append(("", ""))
            index += 1
            continue
        end = len(template.segments) if variable.end == -1 else variable.end
        pattern = _pattern(template, index, end) if variable.multiple else ""
        result.append((variable.field_path, pattern))
        index = end
    return result


def shape(template: Template) -> str:
    """The path with `{}` for every parameter."""
    parts: list[str] = []
    starts = {variable.start: variable for variable in template.variables}
    index = 0
    while index < len(template.segments):
        variable = starts.get(index)
        if variable or template.wild[index]:
            parts.append("{}")
        else:
            parts.append(_literal(template.segments[index]))
        whole = variable is not None and variable.end == -1
        end = variable.end if variable else index + 1
        index = len(template.segments) if whole else end
    verb = f":{_literal(template.verb)}" if template.verb else ""
    return "/" + "/".join(parts) + verb


def _literal(text: str) -> str:
    """A literal as a path has it: escaped where it would mean something else, or is not ASCII."""
    return quote(text, safe="-._~!$&'()+,;=@")


def _pattern(template: Template, start: int, end: int) -> str:
    pieces = []
    for segment, wild in zip(template.segments[start:end], template.wild[start:end], strict=True):
        if not wild:
            pieces.append(re.escape(segment.replace("/", "%2F")))
        else:
            pieces.append(".+" if segment == REST else "[^/]+")
    return f"^{'/'.join(pieces)}$"
