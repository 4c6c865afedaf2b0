"""Headers in and out: only those on a list cross the gateway."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.failures import Violations
from gateway.status import Metadata

# Lower-case HTTP header to metadata key. Values of these must be visible ASCII.
_EXACT = {
    name: name
    for name in (
        "authorization",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "traceparent",
        "tracestate",
    )
}
# These carry free text at times: what is not ASCII is replaced, as metadata can not hold it.
_LOOSE = {
    "accept-language": "accept-language",
    "user-agent": "x-user-agent",
    "x-forwarded-for": "x-forwarded-for",
}
# Two of these would leave open which one counts.
_ONCE = ("authorization", "idempotency-key")

# Metadata key to HTTP header.
_OUT = {
    "x-ratelimit-limit": "X-RateLimit-Limit",
    "x-ratelimit-remaining": "X-RateLimit-Remaining",
    "x-ratelimit-reset": "X-RateLimit-Reset",
    "etag": "etag",
    "location": "location",
    "retry-after": "retry-after",
    "content-disposition": "content-disposition",
    "idempotent-replayed": "idempotent-replayed",
}
OUTGOING = tuple(_OUT.values())

# A header as it is sent: name and value.
Line = tuple[bytes, bytes]


class Headers(dict[str, str]):
    """Request headers by lower-case name; lines of the same name are joined by commas."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        super().__init__()
        self.repeated: set[str] = set()
        for raw_name, raw_value in raw:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            if name in self:
                self.repeated.add(name)
                value = f"{self[name]}, {value}"
            self[name] = value


def to_metadata(headers: Headers, violations: Violations) -> list[tuple[str, str | bytes]]:
    """The metadata of a call.

    A header sent twice, or with characters beyond ASCII, is a violation and left out. Credentials
    with such characters are only left out: they are none, and the service says so with 401.
    """
    metadata: list[tuple[str, str | bytes]] = []
    for name, value in headers.items():
        if name in _LOOSE:
            metadata.append((_LOOSE[name], _visible(value)))
        elif name not in _EXACT:
            continue
        elif name in _ONCE and name in headers.repeated:
            violations.add(name, "header_twice")
        elif not is_visible(value):
            if name != "authorization":
                violations.add(name, "header")
        else:
            metadata.append((_EXACT[name], value))
    return metadata


def from_metadata(metadata: Metadata) -> dict[str, str]:
    """The headers of an answer; of several values of one key the last counts."""
    return {
        _OUT[key]: value
        for key, value in metadata
        if key in _OUT and isinstance(value, str) and is_visible(value)
    }


def encoded(headers: Mapping[str, str]) -> dict[str, Line]:
    """The headers as they are sent, by name."""
    return {
        name: (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    }


def is_visible(value: str) -> bool:
    """Whether the value is printable ASCII, which headers and metadata can hold unharmed."""
    return value.isascii() and value.isprintable()


def _visible(value: str) -> str:
    if is_visible(value):
        return value
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in value)
