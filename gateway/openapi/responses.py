"""Responses of an operation: its success, and every error that it may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.api import Binding, Method
from gateway.codec import kinds
from gateway.codec.kinds import HTTP_BODY
from gateway.http import JSON, NDJSON, NO_CONTENT, SSE
from gateway.http_body import raw_media_types
from gateway.openapi import errors
from gateway.openapi.components import Components
from gateway.openapi.examples import example, field_example
from gateway.openapi.headers import LIMIT, response_headers
from gateway.openapi.schemas import Schema, Schemas
from gateway.v1 import annotations_pb2

# A google.api.HttpBody: its bytes as they are, of the type that it says.
BYTES: Schema = {"schema": {"type": "string", "format": "binary"}}
RAW: Schema = {"*/*": BYTES}
_LINE = 'One line. After a failure the last one is `{"error": …}`.'
_EVENT = "The data of one event. After a failure the last event is `error`."


class Responses:
    """Builds the responses of operations over shared components."""

    def __init__(self, comments: Mapping[str, str], components: Components) -> None:
        self._comments = comments
        self._components = components
        errors.error_schema(components)  # a message of this name has to take another one
        self._written = Schemas(comments, components, incoming=False)

    def of(self, method: Method, binding: Binding, rule: annotations_pb2.MethodRule) -> Schema:
        """The responses of one binding, by status."""
        limits = LIMIT if rule.limited else ()
        names = ("X-Request-Id", *rule.response_headers, *limits)
        headers = response_headers(self._components, *names)
        comment = self._comments.get(method.output.full_name) or "Success."
        success: Schema = {"description": comment, "headers": headers}
        if method.success_status != NO_CONTENT:
            success["content"] = self._content(method, binding)
        result: Schema = {str(method.success_status): success}
        if binding.http_method == "GET" and "ETag" in headers:
            result["304"] = {"description": "If-None-Match names it still.", "headers": headers}
        statuses = {*errors.ALWAYS, *rule.error_statuses}
        statuses.update(() if method.public else errors.CREDENTIALS)
        statuses.update(errors.BODY if binding.body else ())
        limited = rule.limited
        return result | errors.error_responses(self._components, statuses, limited=limited)

    def _content(self, method: Method, binding: Binding) -> Schema:
        schema, shown, is_raw = self._answer(method, binding)
        if is_raw:
            return RAW
        if method.server_streaming:
            files = [media for field in method.output.fields for media in raw_media_types(field)]
            error = errors.error_schema(self._components)
            return {
                NDJSON: _record(schema, _LINE, _named_error(error), shown),
                SSE: _record(schema, _EVENT, error, shown),
                **{each: _file(each) for each in files},
            }
        return {JSON: {"schema": schema, "example": shown}}

    def _answer(self, method: Method, binding: Binding) -> tuple[Schema, Any, bool]:
        field: FieldDescriptor | None = None
        if binding.response_body:
            field = method.output.fields_by_name[binding.response_body]
            schema, shown = self._written.value(field), field_example(field, incoming=False)
            message = field.message_type
        else:
            message = method.output
            schema, shown = self._written.message(message), example(message, incoming=False)
        if message is not None and message.full_name == HTTP_BODY:
            return {}, None, True
        is_enveloped = method.success_field and not method.server_streaming
        if is_enveloped and _is_object(message, field):
            schema = _envelope(method.success_field, schema)
            shown = {method.success_field: True, **shown}
        return schema, shown, False


def _file(media: str) -> Schema:
    """Bytes of a media type; of JSON any value, since a client reads it as such."""
    return {"schema": {}} if media.endswith("json") else BYTES


def _record(schema: Schema, said: str, error: Schema, shown: Any) -> Schema:
    """One record of a stream, which may be the error that ends it."""
    return {"schema": {"description": said, "anyOf": [schema, error]}, "example": shown}


def _named_error(error: Schema) -> Schema:
    return {"type": "object", "required": ["error"], "properties": {"error": error}}


def _is_object(message: Descriptor | None, field: FieldDescriptor | None) -> bool:
    """Whether the answer is an object, to which the envelope is added."""
    if field is not None and field.is_repeated:
        return kinds.is_map(field)
    return message is not None and (kinds.is_plain(message) or message.full_name == kinds.STRUCT)


def _envelope(success_field: str, schema: Schema) -> Schema:
    flag = {"type": "boolean", "enum": [True]}
    head = {"type": "object", "required": [success_field], "properties": {success_field: flag}}
    if "$ref" in schema:
        return {"allOf": [head, schema]}
    # The names of a map are of one kind, but for this one.
    return {name: value for name, value in schema.items() if name != "propertyNames"} | head
