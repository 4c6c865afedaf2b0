"""How a gateway behaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gateway.failures import GatewayConfigError
from gateway.origins import ANY, is_origin

# The status of requests whose client left before the answer, as nginx writes it.
CLIENT_LEFT = 499


class Observation(NamedTuple):
    """One request and its answer, for logs and metrics. `route` is a template, or empty."""

    http_method: str
    route: str
    status: int
    duration_s: float
    request_id: str
    peer: str


Observe = Callable[[Observation], None]


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """Options of a gateway; the defaults suit a public API.

    Raises:
        GatewayConfigError: a value makes no sense.
    """

    # Names the protection space in WWW-Authenticate.
    realm: str = "api"
    # What to do with unknown JSON fields and query parameters.
    unknown_fields: Literal["refuse", "ignore"] = "refuse"
    # The largest body in bytes, before and after decompression.
    max_body_bytes: int = 16 * 1024 * 1024
    # The bytes of bodies held at once, of all requests together; more are answered 503.
    max_bodies_bytes: int = 512 * 1024 * 1024
    # The longest path and query in bytes, still encoded.
    max_uri_bytes: int = 16 * 1024
    # Answers of at least so many bytes are compressed for clients that accept it; 0: never.
    compress_min_bytes: int = 1024
    # Deadline in seconds of calls whose client sets none; None: the service's own.
    default_timeout_s: float | None = None
    # The longest deadline in seconds that a client may ask for; None: any.
    max_timeout_s: float | None = None
    # How long in seconds a client may take to send the rest of a body.
    body_timeout_s: float = 30.0
    # Origins of web pages that may call, as browsers write them, or "*"; empty: none.
    cors_origins: tuple[str, ...] = ()
    # Called after every request, those included that never reach the service.
    observe: Observe | None = None

    def __post_init__(self) -> None:
        problems = []
        if not self.realm.isascii() or not self.realm.isprintable() or set('"\\') & set(self.realm):
            problems.append("realm must be printable ASCII without quotes")
        if self.unknown_fields not in ("refuse", "ignore"):
            problems.append("unknown_fields must be refuse or ignore")
        if self.max_body_bytes < 1 or self.max_uri_bytes < 1:
            problems.append("max_body_bytes and max_uri_bytes must be positive")
        if self.max_bodies_bytes < self.max_body_bytes:
            problems.append("max_bodies_bytes must be at least max_body_bytes")
        if self.body_timeout_s <= 0:
            problems.append("body_timeout_s must be positive")
        for name in ("default_timeout_s", "max_timeout_s"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                problems.append(f"{name} must be positive")
        problems += [
            f"{origin} is no origin like https://app.example"
            for origin in self.cors_origins
            if origin != ANY and not is_origin(origin)
        ]
        if problems:
            raise GatewayConfigError(problems)
