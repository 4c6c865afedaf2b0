"""Cross-origin calls of browsers, for the origins that the options name."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.headers import OUTGOING
from gateway.options import GatewayOptions
from gateway.origins import ANY

_ALLOW_HEADERS = (
    "authorization, content-type, content-encoding, accept-language, idempotency-key, if-match, "
    "if-none-match, x-request-id, x-request-timeout, traceparent, tracestate"
)
_EXPOSE_HEADERS = ", ".join((*OUTGOING, "x-request-id"))
_MAX_AGE_S = "600"


def cors_headers(options: GatewayOptions, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers for an answer to this request: for an origin that is not named, `vary` alone."""
    if not options.cors_origins:
        return {}
    if ANY in options.cors_origins:
        return _allowed(ANY)
    origin = headers.get("origin")
    # Without it too: who stores the answer may not give it to a page of another origin.
    vary = {"vary": "origin"}
    return {**_allowed(origin), **vary} if origin in options.cors_origins else vary


def _allowed(origin: str) -> dict[str, str]:
    return {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": _EXPOSE_HEADERS,
    }


def preflight_headers(allow: str) -> dict[str, str]:
    """What a preflight answer adds; `allow` lists the methods of the path."""
    return {
        "access-control-allow-methods": allow,
        "access-control-allow-headers": _ALLOW_HEADERS,
        "access-control-max-age": _MAX_AGE_S,
    }
