"""Error responses: every status has the one shape of `gateway.errors`."""

from __future__ import annotations

from functools import partial
from typing import Any

from gateway.http import JSON
from gateway.messages import text
from gateway.openapi.components import Components
from gateway.openapi.headers import LIMIT, response_headers

Schema = dict[str, Any]

# Of methods as such, of those that ask for credentials, and of those that take a body.
ALWAYS = (400, 414, 429, 431, 500, 503, 504)
CREDENTIALS = (401, 403)
BODY = (408, 413, 415)

# Status: name of the component, what it means, and the reason in its example.
_KINDS: dict[int, tuple[str, str, str]] = {
    400: (
        "Invalid",
        "It is not valid; detail.fields says what.",
        "INVALID_ARGUMENT",
    ),
    401: ("Unauthenticated", "No token, or one that is not accepted.", "UNAUTHENTICATED"),
    403: ("PermissionDenied", "The token does not allow this.", "PERMISSION_DENIED"),
    404: ("NotFound", "What was asked for does not exist, or not for this caller.", "NOT_FOUND"),
    408: ("BodyTimeout", "The body did not arrive in time.", "REQUEST_TIMEOUT"),
    409: ("Conflict", "Another request was in the way.", "ABORTED"),
    412: ("Stale", "It has changed since the version named.", "FAILED_PRECONDITION"),
    413: ("TooLarge", "The body is too large.", "TOO_LARGE"),
    414: ("UriTooLong", "The address is too long.", "URI_TOO_LONG"),
    415: ("UnsupportedMediaType", "The body is not JSON in UTF-8.", "UNSUPPORTED_MEDIA_TYPE"),
    429: ("LimitExceeded", "A limit is used up until detail.reset_at.", "RESOURCE_EXHAUSTED"),
    431: ("HeadersTooLarge", "The headers are too large.", "HEADERS_TOO_LARGE"),
    500: ("Internal", "A fault of the server.", "INTERNAL"),
    501: ("Unimplemented", "Not built in this server.", "UNIMPLEMENTED"),
    502: ("BadGateway", "A service that this one depends on failed.", "UNAVAILABLE"),
    503: ("Unavailable", "Temporarily unavailable.", "UNAVAILABLE"),
    504: ("DeadlineExceeded", "It took longer than it may.", "DEADLINE_EXCEEDED"),
}
_OTHER = ("Other", "A failure of this method.", "INTERNAL")
_HEADERS: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def error_schema(components: Components) -> Schema:
    """A reference to the schema of every error; whoever asks first has the name."""
    return components.reference("schemas", "-Error", "Error", lambda: _SCHEMA)


def error_responses(components: Components, statuses: set[int], *, limited: bool) -> Schema:
    """References to the responses of the statuses, which tell limits where `limited` is true."""
    result = {}
    for status in sorted(statuses):
        name = _KINDS.get(status, _OTHER)[0] + ("Limited" if limited else "")
        named = f"{name}{status}" if status not in _KINDS else name
        result[str(status)] = components.reference(
            "responses", named, named, partial(_response, components, status, limited)
        )
    return result


def _response(components: Components, status: int, limited: bool) -> Schema:
    _, description, reason = _KINDS.get(status, _OTHER)
    names = ("X-Request-Id", *_HEADERS.get(status, ()), *(LIMIT if limited else ()))
    example = {
        "error_code": status,
        "message": text(reason, "en"),
        "detail": {"reason": reason},
        "request_id": "req_3f2a9c0e7d5b4816a2c4e6f8091b3d5f",
    }
    schema = error_schema(components)
    return {
        "description": description,
        "headers": response_headers(components, *names),
        "content": {JSON: {"schema": schema, "example": example}},
    }


_SCHEMA: Schema = {
    "type": "object",
    "description": "Every error, at every layer, has this shape.",
    "required": ["error_code", "message", "detail", "request_id"],
    "properties": {
        "error_code": {
            "type": "integer",
            "minimum": 400,
            "maximum": 599,
            "description": "The HTTP status.",
        },
        "message": {"type": "string", "description": "For people, in the language asked for."},
        "detail": {
            "type": "object",
            "description": "For programs.",
            "required": ["reason"],
            "additionalProperties": True,
            "properties": {
                "reason": {
                    "type": "string",
                    "pattern": "^[A-Z][A-Z0-9_]*$",
                    "description": "Why, in UPPER_SNAKE_CASE.",
                },
                "fields": {
                    "type": "array",
                    "description": "Every field that is wrong.",
                    "items": {
                        "type": "object",
                        "required": ["field", "message"],
                        "properties": {
                            "field": {"type": "string"},
                            "message": {"type": "string"},
                        },
                    },
                },
                "limit": {"type": "integer", "description": "Of a 429: calls a window allows."},
                "reset_at": {
                    "type": "string",
                    "format": "date-time",
                    "description": "Of a 429: when the window ends.",
                },
                "remaining_time_seconds": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Of a 429: seconds until then.",
                },
            },
        },
        "request_id": {"type": "string", "description": "Also in the X-Request-Id header."},
    },
}
