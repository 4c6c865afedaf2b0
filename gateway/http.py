"""The small HTTP vocabulary of the gateway: requests to pages, and responses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from gateway.messages import Language

JSON = "application/json"
NDJSON = "application/x-ndjson"
SSE = "text/event-stream"
# The status of an answer without a body.
NO_CONTENT = 204


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A GET or HEAD request to a page. Header names are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    request_id: str
    language: Language


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response. The gateway adds content-length and X-Request-Id."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Page = Callable[[PageRequest], Awaitable[Response]]
