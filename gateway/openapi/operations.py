"""Operations of an OpenAPI document: one for each binding of each method."""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

from gateway.api import Api, Binding, Method
from gateway.binding import mask_field
from gateway.codec import kinds
from gateway.codec.kinds import HTTP_BODY
from gateway.comments import summary
from gateway.contract import resolve
from gateway.http import JSON
from gateway.openapi.components import Components
from gateway.openapi.examples import example, field_example, stated_example
from gateway.openapi.headers import EVERY_REQUEST, request_headers
from gateway.openapi.paths import Slot, slots
from gateway.openapi.responses import RAW, Responses
from gateway.openapi.rules import is_required
from gateway.openapi.schemas import Schema, Schemas, closure
from gateway.query import parameters
from gateway.v1 import annotations_pb2

# What OpenAPI knows; methods of other names can not be described.
HTTP_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_MASK = "Without it, what the body contains is what changes."


class Operations:
    """Builds operations over shared components."""

    def __init__(self, api: Api, components: Components) -> None:
        self._api = api
        self._components = components
        written = closure(method.output for method in api.methods)
        self._responses = Responses(api.comments, components)
        self._read = Schemas(api.comments, components, incoming=True, written=written)
        self._labels = labels(api)
        methods = [method for service in api.services for method in service.methods]
        self._rules = {method.full_name: _rule(method) for method in methods}

    def operation(self, method: Method, index: int, binding: Binding, names: list[str]) -> Schema:
        """One operation; `names` are the path parameters as the shared path spells them."""
        comment = self._api.comments.get(method.full_name, "")
        service = self._labels[method.service]
        name = method.name
        if len(self._labels) > 1:
            name = f"{service.replace('.', '_')}_{name}"
        rule = self._rules[method.full_name]
        result: Schema = {
            "operationId": f"{name}_{index + 1}" if index else name,
            "tags": [service],
        }
        if comment:
            result |= {"summary": summary(comment), "description": comment}
        result["parameters"] = [
            *self._path_parameters(method, binding, names),
            *self._query(method, binding),
            *request_headers(self._components, *_headers(binding, rule), *EVERY_REQUEST),
        ]
        if binding.body:
            result["requestBody"] = self._body(method, binding)
        result["responses"] = self._responses.of(method, binding, rule)
        if method.public:
            result["security"] = []
        return result

    def _path_parameters(self, method: Method, binding: Binding, names: list[str]) -> list[Schema]:
        found = zip(names, slots(binding.template), strict=True)
        return [self._path_parameter(method, name, slot) for name, slot in found]

    def _path_parameter(self, method: Method, name: str, slot: Slot) -> Schema:
        field = resolve(method.input, slot.field_path) if slot.field_path else None
        schema = {"type": "string", "minLength": 1}
        if field is not None and not slot.whole:
            schema = self._text(field)
        parameter: Schema = {"name": name, "in": "path", "required": True, "schema": schema}
        if field is not None and not slot.whole:
            parameter = self._with_comment(parameter, field)
        said = [
            f"A part of `{slot.field_path}`, which is `{slot.whole}`." if slot.whole else "",
            parameter.get("description", ""),
            "All the rest of the path; its slashes are not escaped." if slot.is_rest else "",
        ]
        text = "\n\n".join(filter(None, said))
        return {**parameter, "description": text} if text else parameter

    def _query(self, method: Method, binding: Binding) -> list[Schema]:
        bound = {variable.field_path for variable in binding.template.variables}
        mask = mask_field(method, binding)
        result = []
        for name, field in parameters(method.input, binding.body).items():
            if name in bound:
                continue
            parameter: Schema = {"name": name, "in": "query", "schema": self._text(field)}
            if name == mask:
                parameter["description"] = _MASK
            if "." not in name and is_required(field):
                parameter["required"] = True
            result.append(self._with_comment(parameter, field))
        return result

    def _text(self, field: FieldDescriptor) -> Schema:
        """The schema of a field in an address, where nothing is empty."""
        schema = self._read.value(field)
        item = schema["items"] if field.is_repeated else schema
        if item.get("type") == "string":
            item.setdefault("minLength", 1)
        return schema

    def _body(self, method: Method, binding: Binding) -> Schema:
        if binding.body != "*":
            field = method.input.fields_by_name[binding.body]
            return self._field_body(method, binding, field)
        if method.input.full_name == HTTP_BODY:
            return {"required": True, "content": RAW}
        bound = {v.field_path for v in binding.template.variables if "." not in v.field_path}
        rest = [field for field in method.input.fields if field.name not in bound]
        shown = example(method.input, incoming=True)
        if bound and kinds.is_plain(method.input):
            schema = self._read.object(method.input, frozenset(bound))
            shown = {name: value for name, value in shown.items() if name not in bound}
        else:
            schema = self._read.message(method.input)
        return _content(schema, shown, any(is_required(field) for field in rest))

    def _field_body(self, method: Method, binding: Binding, field: FieldDescriptor) -> Schema:
        message = field.message_type
        if message and message.full_name == HTTP_BODY:
            return {"required": True, "content": RAW}
        patched = message is not None and mask_field(method, binding) is not None
        schema = self._read.changes(message) if patched and message else self._read.value(field)
        return _content(schema, field_example(field, incoming=True), is_required(field))

    def _with_comment(self, parameter: Schema, field: FieldDescriptor) -> Schema:
        said = filter(None, (self._read.description(field), parameter.get("description")))
        text = "\n\n".join(said)
        stated = stated_example(field)
        return {
            **parameter,
            **({"description": text} if text else {}),
            **({"example": stated} if stated is not None else {}),
        }


def labels(api: Api) -> dict[str, str]:
    """What a document calls each service: by its own name where no other one has the same."""
    names = [service.name for service in api.services]
    return {
        service.full_name: service.name if names.count(service.name) == 1 else service.full_name
        for service in api.services
    }


def _rule(method: MethodDescriptor) -> annotations_pb2.MethodRule:
    options: Any = method.GetOptions()
    rule: annotations_pb2.MethodRule = options.Extensions[annotations_pb2.method]
    return rule


def _headers(binding: Binding, rule: annotations_pb2.MethodRule) -> list[str]:
    """The request headers of this operation alone."""
    names = list(rule.request_headers)
    if binding.http_method == "GET" and "ETag" in rule.response_headers:
        names.append("If-None-Match")
    return names


def _content(schema: Schema, shown: Any, required: bool) -> Schema:
    content = {"content": {JSON: {"schema": schema, "example": shown}}}
    return {"required": True, **content} if required else content
