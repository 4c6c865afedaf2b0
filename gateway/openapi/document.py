"""The document as a whole, and its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from gateway.api import Api
from gateway.http import JSON, Page, PageRequest, Response
from gateway.openapi.components import Components
from gateway.openapi.operations import HTTP_METHODS, Operations, labels
from gateway.openapi.paths import shape, slots
from gateway.openapi.schemas import Schema
from gateway.template import Template


@dataclass(frozen=True, slots=True)
class Info:
    """What the contract does not say of itself."""

    title: str = ""
    version: str = "1"
    description: str = ""


def document(api: Api, info: Info | None = None) -> dict[str, Any]:
    """The OpenAPI 3.1 document of an API; the same API gives the same document."""
    info = info or Info()
    components = Components()
    paths = _paths(api, Operations(api, components))
    names = list(labels(api).values())
    comments = [api.comments.get(service.full_name, "") for service in api.services]
    description = info.description or "\n\n".join(filter(None, comments))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": info.title or ", ".join(names),
            "version": info.version,
            **({"description": description} if description else {}),
        },
        "paths": paths,
        "components": {
            **components.as_dict(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in names],
    }


def document_bytes(api: Api, info: Info | None = None) -> bytes:
    """The document as JSON text, with a line break at its end."""
    return orjson.dumps(document(api, info), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def openapi_page(text: bytes) -> Page:
    """A page that shows the document."""

    async def page(_: PageRequest) -> Response:
        return Response(200, {"content-type": JSON, "cache-control": "no-cache"}, text)

    return page


def _paths(api: Api, operations: Operations) -> Schema:
    """Paths of the same shape are one entry, whose parameters the first one names."""
    named: dict[str, list[str]] = {}
    result: dict[str, Schema] = {}
    for method in api.methods:
        for index, binding in enumerate(method.bindings):
            if binding.http_method not in HTTP_METHODS:
                continue
            form, verb = shape(binding.template), binding.http_method.lower()
            names = named.setdefault(form, _names(binding.template))
            if names and verb in result.get(_path(form, names), ()):
                # `**` beside `*`, which OpenAPI can not tell apart: neither is left out. Without
                # names it is the same route twice, which no gateway serves.
                names = [*names[:-1], f"{names[-1]}-2"]
            operation = operations.operation(method, index, binding, names)
            result.setdefault(_path(form, names), {})[verb] = operation
    return result


def _path(form: str, names: list[str]) -> str:
    return form.replace("{}", "{{{}}}").format(*names)


def _names(template: Template) -> list[str]:
    return [slot.name or f"wildcard{i}" for i, slot in enumerate(slots(template), start=1)]
