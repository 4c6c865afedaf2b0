"""Headers of every answer, which let a browser do no more with it than it is for.

An answer of an API is data: no page, no script, nothing to embed, to guess the type of, or to keep.
Answers that are pages say what they need instead (`gateway.docs`).
"""

from __future__ import annotations

from gateway.headers import Line, encoded

SAFE = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    # For browsers that do not know frame-ancestors.
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    # Not for pages elsewhere to embed; calls that CORS allows are none of its business.
    "cross-origin-resource-policy": "same-origin",
}
# Over plain HTTP it would mean nothing: RFC 6797 §7.2. Not for subdomains, which are not ours.
SAFE_OVER_TLS = {**SAFE, "strict-transport-security": "max-age=31536000"}

# What has a version may be kept by the client itself, which asks each time whether it still holds.
VERSIONED = {"cache-control": "private, no-cache"}

_LINES, _LINES_OVER_TLS = encoded(SAFE), encoded(SAFE_OVER_TLS)


def safe_lines(scheme: str) -> dict[str, Line]:
    """What an answer over `http` or `https` begins with."""
    return _LINES_OVER_TLS if scheme == "https" else _LINES
