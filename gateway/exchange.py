"""One HTTP request and its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import getrandbits
from urllib.parse import quote

import orjson

from gateway.api import Method
from gateway.asgi import Receive, Scope, Send, peer_of
from gateway.compression import compress, is_compressible, preferred_coding
from gateway.errors import ErrorAnswer
from gateway.headers import Headers, encoded
from gateway.http import JSON
from gateway.messages import Language, preferred
from gateway.safety import VERSIONED, safe_lines

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# An opaque tag with its quotes: it may hold commas.
_ETAG = re.compile(r'"[^"]*"')


class Exchange:
    """What a request said, and the means to answer it once."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, compress_min_bytes: int) -> None:
        self.method: str = scope["method"]
        self.raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
        self.query: bytes = scope.get("query_string", b"")
        self.headers = Headers(scope["headers"])
        self.peer = peer_of(scope)
        self.receive = receive
        self._is_http1 = scope.get("http_version", "").startswith("1.")
        given = self.headers.get("x-request-id", "")
        is_id = given and _REQUEST_ID.fullmatch(given)
        self.request_id = given if is_id else new_request_id()
        # Headers for every answer to this request, whatever it will be.
        self.extra: dict[str, str] = {}
        # The status of the answer, 0 before there is one.
        self.status = 0
        # The template that matched, for whoever observes; empty for pages and refusals.
        self.route = ""
        # What the request calls, None until a route is found.
        self.rpc: Method | None = None
        self._safe = safe_lines(scope.get("scheme", "http"))
        self._send = send
        self._compress_min_bytes = compress_min_bytes

    @property
    def may_have_body(self) -> bool:
        """Whether a body may follow: HTTP/1 says so in the headers, RFC 9112 §6.3."""
        said = "content-length" in self.headers or "transfer-encoding" in self.headers
        return said or not self._is_http1

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks if a page of an allowed origin may call."""
        return (
            self.method == "OPTIONS"
            and "access-control-request-method" in self.headers
            and "access-control-allow-origin" in self.extra
        )

    def has_current(self, etag: str | None) -> bool:
        """Whether the client has the entity already: If-None-Match, RFC 9110 §13.1.2."""
        if not etag or self.method not in ("GET", "HEAD"):
            return False
        given = self.headers.get("if-none-match", "").strip()
        return given == "*" or etag.removeprefix("W/") in _ETAG.findall(given)

    @property
    def language(self) -> Language:
        """The language that the client prefers."""
        return preferred(self.headers.get("accept-language", ""))

    async def error(self, answer: ErrorAnswer, headers: Mapping[str, str] | None = None) -> None:
        """Answer with an error."""
        merged = {"content-type": JSON, **(headers or {}), **answer.headers}
        await self.answer(answer.status, merged, orjson.dumps(answer.body(self.request_id)))

    async def answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Answer with a whole body, compressed where that is welcome and worth it.

        With 304 it is the body that the client has: its headers are told, and nothing of it.
        """
        headers = dict(headers)
        if self._is_worth_compressing(headers, body):
            headers["vary"] = self._vary("accept-encoding")
            coding = preferred_coding(self.headers.get("accept-encoding", ""))
            if coding != "identity" and status != 304:
                body = await compress(body, coding)
                headers["content-encoding"] = coding
        if status in (204, 304):
            headers.pop("content-type", None)
        else:
            headers["content-length"] = str(len(body))
        await self.start(status, headers)
        shown = b"" if self.method == "HEAD" or status in (204, 304) else body
        await self.write(shown, more=False)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Begin an answer whose body follows by `write`."""
        self.status = status
        kept = VERSIONED if "etag" in headers and self.method in ("GET", "HEAD") else {}
        own = {**kept, **self.extra, **headers, "x-request-id": self.request_id}
        lines = list({**self._safe, **encoded(own)}.values())
        await self._send({"type": "http.response.start", "status": status, "headers": lines})

    async def write(self, body: bytes, *, more: bool) -> None:
        """Send a part of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def vary_by(self, name: str) -> None:
        """Every answer from now on depends on a request header."""
        self.extra["vary"] = self._vary(name)

    def _vary(self, name: str) -> str:
        held = self.extra.get("vary")
        return f"{held}, {name}" if held else name

    def _is_worth_compressing(self, headers: Mapping[str, str], body: bytes) -> bool:
        large = 0 < self._compress_min_bytes <= len(body)
        return large and is_compressible(headers.get("content-type", ""))


def new_request_id() -> str:
    """An id for a request that brought none."""
    # Unlikely to be there twice, and no secret: it is not worth a call of the system.
    return f"req_{getrandbits(128):032x}"  # nosec B311
