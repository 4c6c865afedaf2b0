"""Cross-origin calls of browsers, for the origins that the options name."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.headers import OUTGOING
from gateway.options import GatewayOptions

_ALLOW_HEADERS = (
    "authorization, content-type, content-encoding, accept-language, idempotency-key, if-match, "
    "if-none-match, x-request-id, x-request-timeout, traceparent, tracestate"
)
_EXPOSE_HEADERS = ", ".join((*OUTGOING, "x-request-id"))
_MAX_AGE_S = "600"


def cors_headers(options: GatewayOptions, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers for an answer to this request; empty for an origin that is not named."""
    origin = headers.get("origin")
    if not origin or not options.cors_origins:
        return {}
    if "*" in options.cors_origins:
        return {
            "access-control-allow-origin": "*",
            "access-control-expose-headers": _EXPOSE_HEADERS,
        }
    if origin not in options.cors_origins:
        return {"vary": "origin"}
    return {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": _EXPOSE_HEADERS,
        "vary": "origin",
    }


def preflight_headers(allow: str) -> dict[str, str]:
    """What a preflight answer adds; `allow` lists the methods of the path."""
    return {
        "access-control-allow-methods": allow,
        "access-control-allow-headers": _ALLOW_HEADERS,
        "access-control-max-age": _MAX_AGE_S,
    }
