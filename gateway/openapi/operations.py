"""Operations of an OpenAPI document: one for each binding of each method."""

from __future__ import annotations

import re
from typing import Any

from google.api.field_behavior_pb2 import REQUIRED
from google.protobuf.descriptor import FieldDescriptor

from gateway.api import Api, Binding, Method
from gateway.binding import mask_field
from gateway.codec import kinds
from gateway.comments import summary
from gateway.contract import resolve
from gateway.http import JSON, NDJSON
from gateway.openapi.schemas import ERROR, Schema, Schemas, behaviors
from gateway.query import parameters
from gateway.template import REST, Template

# What OpenAPI knows; methods of other names can not be described.
HTTP_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")


class Operations:
    """Builds operations over shared schemas."""

    def __init__(self, api: Api, schemas: Schemas) -> None:
        self._api = api
        self._schemas = schemas
        self._qualified = len(api.services) > 1

    def operation(self, method: Method, index: int, binding: Binding, names: list[str]) -> Schema:
        """One operation; `names` are the path parameters as the shared path spells them."""
        comment = self._api.comments.get(method.full_name, "")
        service = method.service.rpartition(".")[2]
        name = f"{service}_{method.name}" if self._qualified else method.name
        result: Schema = {
            "operationId": f"{name}_{index + 1}" if index else name,
            "tags": [service],
        }
        if comment:
            result |= {"summary": summary(comment), "description": comment}
        given = self._path_parameters(method, binding, names) + self._query(method, binding)
        if given:
            result["parameters"] = given
        if binding.body:
            result["requestBody"] = self._body(method, binding)
        result["responses"] = self._responses(method, binding)
        if method.public:
            result["security"] = []
        return result

    def _path_parameters(self, method: Method, binding: Binding, names: list[str]) -> list[Schema]:
        result = []
        for name, (field_path, pattern) in zip(names, slots(binding.template), strict=True):
            field = resolve(method.input, field_path) if field_path else None
            schema = self._schemas.value(field) if field else {"type": "string"}
            if pattern:
                schema = {**schema, "pattern": pattern}
            parameter = {"name": name, "in": "path", "required": True, "schema": schema}
            result.append(self._with_comment(parameter, field))
        return result

    def _query(self, method: Method, binding: Binding) -> list[Schema]:
        bound = {variable.field_path for variable in binding.template.variables}
        mask = mask_field(method, binding)
        result = []
        for name, field in parameters(method.input, binding.body).items():
            if name in bound or name == mask:
                continue
            parameter: Schema = {"name": name, "in": "query", "schema": self._schemas.value(field)}
            if "." not in name and REQUIRED in behaviors(field):
                parameter["required"] = True
            result.append(self._with_comment(parameter, field))
        return result

    def _body(self, method: Method, binding: Binding) -> Schema:
        if binding.body != "*":
            field = method.input.fields_by_name[binding.body]
            return _content(self._schemas.value(field), REQUIRED in behaviors(field))
        bound = {v.field_path for v in binding.template.variables if "." not in v.field_path}
        rest = [field for field in method.input.fields if field.name not in bound]
        required = any(REQUIRED in behaviors(field) for field in rest)
        if bound and kinds.is_plain(method.input):
            return _content(self._schemas.object(method.input, frozenset(bound)), required)
        return _content(self._schemas.message(method.input), required)

    def _responses(self, method: Method, binding: Binding) -> Schema:
        if binding.response_body:
            schema = self._schemas.value(method.output.fields_by_name[binding.response_body])
        else:
            schema = self._schemas.message(method.output)
        if method.success_field and not method.server_streaming and "$ref" in schema:
            schema = _envelope(method.success_field, schema)
        media = NDJSON if method.server_streaming else JSON
        comment = self._api.comments.get(method.output.full_name) or "Success."
        success = {"description": comment, "content": {media: {"schema": schema}}}
        result: Schema = {str(method.success_status): success}
        result["400"] = _error("The request is not valid; detail.fields names what is wrong.")
        if not method.public:
            result["401"] = _error("No token, or one that is not accepted.")
            result["403"] = _error("The token does not allow this.")
        result["default"] = _error("Any other failure.")
        return result

    def _with_comment(self, parameter: Schema, field: FieldDescriptor | None) -> Schema:
        comment = self._api.comments.get(field.full_name) if field else None
        return {**parameter, "description": comment} if comment else parameter


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
            parts.append(template.segments[index])
        whole = variable is not None and variable.end == -1
        end = variable.end if variable else index + 1
        index = len(template.segments) if whole else end
    verb = f":{template.verb}" if template.verb else ""
    return "/" + "/".join(parts) + verb


def _pattern(template: Template, start: int, end: int) -> str:
    pieces = []
    for segment, wild in zip(template.segments[start:end], template.wild[start:end], strict=True):
        if not wild:
            pieces.append(re.escape(segment))
        else:
            pieces.append(".+" if segment == REST else "[^/]+")
    return f"^{'/'.join(pieces)}$"


def _content(schema: Schema, required: bool) -> Schema:
    content = {"content": {JSON: {"schema": schema}}}
    return {"required": True, **content} if required else content


def _envelope(success_field: str, schema: Schema) -> Schema:
    flag = {"type": "boolean", "enum": [True]}
    head = {"type": "object", "required": [success_field], "properties": {success_field: flag}}
    return {"allOf": [head, schema]}


def _error(description: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{ERROR}"}
    return {"description": description, "content": {JSON: {"schema": reference}}}
