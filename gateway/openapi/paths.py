"""Paths of an OpenAPI document, from templates.

A parameter of OpenAPI is one segment: a client escapes the slashes in it. So a variable of several
segments, like `{name=shelves/*}`, is spelled out, with a parameter for each wildcard in it.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from gateway.template import REST, Template, Variable


class Slot(NamedTuple):
    """A parameter of a path."""

    # Empty for a wildcard outside of variables.
    name: str
    # The field that it fills, or a part of; empty as above.
    field_path: str
    # What the field looks like where this is a part of it; empty where it is the whole.
    whole: str
    # Whether it is all the rest of the path.
    is_rest: bool


def slots(template: Template) -> list[Slot]:
    """The parameters of a path, in their order."""
    result: list[Slot] = []
    for index, (segment, wild) in enumerate(zip(template.segments, template.wild, strict=True)):
        if wild:
            held = _holder(template, index)
            result.append(_slot(template, held, index, is_rest=segment == REST))
    return result


def shape(template: Template) -> str:
    """The path with `{}` for every parameter."""
    pairs = zip(template.segments, template.wild, strict=True)
    parts = ["{}" if wild else _literal(segment) for segment, wild in pairs]
    verb = f":{_literal(template.verb)}" if template.verb else ""
    return "/" + "/".join(parts) + verb


def _holder(template: Template, index: int) -> Variable | None:
    """The variable that a segment is in, if it is in one."""
    for variable in template.variables:
        if variable.start <= index and (variable.end == -1 or index < variable.end):
            return variable
    return None


def _slot(template: Template, variable: Variable | None, index: int, *, is_rest: bool) -> Slot:
    if variable is None:
        return Slot("", "", "", is_rest)
    end = len(template.segments) if variable.end == -1 else variable.end
    inside = range(variable.start, end)
    if len(inside) == 1:
        return Slot(variable.field_path, variable.field_path, "", is_rest)
    wild = [each for each in inside if template.wild[each]]
    # No field has a hyphen in its name: such a name is nobody else's.
    number = f"-{wild.index(index) + 1}" if len(wild) > 1 else ""
    whole = "/".join(
        template.segments[each] if template.wild[each] else _literal(template.segments[each])
        for each in inside
    )
    return Slot(variable.field_path + number, variable.field_path, whole, is_rest)


def _literal(text: str) -> str:
    """A literal as a path has it: escaped where it would mean something else, or is not ASCII."""
    return quote(text, safe="-._~!$&'()+,;=@")
