"""Responses of an operation: its success, and every error that it may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from gateway.api import Binding, Method
from gateway.codec.kinds import HTTP_BODY
from gateway.http import JSON, NDJSON, SSE
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
        result: Schema = {
            str(method.success_status): {
                "description": comment,
                "headers": headers,
                "content": self._content(method, binding),
            }
        }
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
            record = _record(schema, shown)
            return {NDJSON: record, SSE: record, **{each: _file(each) for each in files}}
        return {JSON: {"schema": schema, "example": shown}}

    def _answer(self, method: Method, binding: Binding) -> tuple[Schema, Any, bool]:
        if binding.response_body:
            field: FieldDescriptor = method.output.fields_by_name[binding.response_body]
            schema, shown = self._written.value(field), field_example(field, incoming=False)
            message = field.message_type
        else:
            message = method.output
            schema, shown = self._written.message(message), example(message, incoming=False)
        if message is not None and message.full_name == HTTP_BODY:
            return {}, None, True
        if method.success_field and not method.server_streaming and "$ref" in schema:
            schema = _envelope(method.success_field, schema)
            shown = {method.success_field: True, **shown}
        return schema, shown, False


def _file(media: str) -> Schema:
    """Bytes of a media type; of JSON any value, since a client reads it as such."""
    return {"schema": {}} if media.endswith("json") else BYTES


def _record(schema: Schema, shown: Any) -> Schema:
    """One record of a stream: a line of NDJSON, the data of an event."""
    return {"schema": schema, "example": shown}


def _envelope(success_field: str, schema: Schema) -> Schema:
    flag = {"type": "boolean", "enum": [True]}
    head = {"type": "object", "required": [success_field], "properties": {success_field: flag}}
    return {"allOf": [head, schema]}
