"""The headers that cross the gateway, as a document describes them."""

from __future__ import annotations

from functools import partial
from typing import Any

from gateway.failures import GatewayConfigError
from gateway.openapi.components import Components

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}

EVERY_REQUEST = ("Accept-Language", "X-Request-Id", "X-Request-Timeout")
LIMIT = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

# Name: what it says, its schema, and an example.
_REQUEST: dict[str, tuple[str, Schema, str]] = {
    "Accept-Language": (
        "Languages of messages for people: `ko` (the default) or `en`.",
        _TEXT,
        "en",
    ),
    "X-Request-Id": (
        "Names the request in answers and logs where it matches `[A-Za-z0-9._-]{1,128}`, else the "
        "server makes a name.",
        _TEXT,
        "checkout-42",
    ),
    "X-Request-Timeout": (
        "Seconds that the caller is ready to wait; after them, and where they are 0, it is 504.",
        {"type": "string", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,9})?$"},
        "2.5",
    ),
    "Idempotency-Key": (
        "The same key and body give the stored first answer again; another body is 409.",
        {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "0b5ee9f2-7d1c-4a53-9c64-2d3a4d1f8e77",
    ),
    "If-Match": (
        "An ETag, a list of them, or `*`: another version than these is not changed, but 412.",
        {"type": "string", "pattern": r'^(\*|"[!#-~]*"(, *"[!#-~]*")*)$'},
        '"1"',
    ),
    "If-None-Match": (
        "An ETag: where it is still the current one, the answer is 304.",
        _TEXT,
        '"1"',
    ),
}
# Name: what it says, its schema, and whether an answer that may have it always does.
_RESPONSE: dict[str, tuple[str, Schema, bool]] = {
    "X-Request-Id": ("The name of the request, also in the body of an error.", _TEXT, True),
    "ETag": ("The version that is shown, for If-Match and If-None-Match.", _TEXT, True),
    "Location": ("The path of what was made.", _TEXT, True),
    "Content-Disposition": (
        "What to call the answer as a file, where it is one (RFC 6266).",
        _TEXT,
        False,
    ),
    "Idempotent-Replayed": (
        "`true` where the answer is a stored one.",
        {"type": "string", "enum": ["true"]},
        False,
    ),
    "X-RateLimit-Limit": ("Calls that a window allows, where the caller is known.", _COUNT, False),
    "X-RateLimit-Remaining": ("Calls that are left in the window.", _COUNT, False),
    "X-RateLimit-Reset": ("When the window ends, in seconds since the epoch.", _COUNT, False),
    "Retry-After": ("Seconds to wait before another try.", {**_COUNT, "minimum": 1}, False),
    "WWW-Authenticate": ("How to authenticate (RFC 6750).", _TEXT, True),
}


def request_headers(components: Components, *names: str) -> list[Schema]:
    """References to the parameters that describe request headers.

    Raises:
        GatewayConfigError: one of them does not cross the gateway.
    """
    return [components.reference("parameters", n, n, partial(_parameter, n)) for n in names]


def response_headers(components: Components, *names: str) -> dict[str, Schema]:
    """References to the descriptions of the headers of an answer, by name.

    Raises:
        GatewayConfigError: one of them does not cross the gateway.
    """
    return {n: components.reference("headers", n, n, partial(_header, n)) for n in names}


def _parameter(name: str) -> Schema:
    if name not in _REQUEST:
        raise GatewayConfigError([f"no header {name} crosses the gateway"])
    description, schema, example = _REQUEST[name]
    said = {"name": name, "in": "header", "description": description}
    return {**said, "schema": schema, "example": example}


def _header(name: str) -> Schema:
    if name not in _RESPONSE:
        raise GatewayConfigError([f"no header {name} crosses the gateway"])
    description, schema, always = _RESPONSE[name]
    required = {"required": True} if always else {}
    return {"description": description, **required, "schema": schema}
