"""One HTTP request and its answer."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Mapping
from secrets import token_hex
from typing import Any
from urllib.parse import quote

import orjson

from gateway.asgi import Receive, Scope, Send, peer_of
from gateway.errors import ErrorAnswer
from gateway.headers import Headers
from gateway.http import JSON
from gateway.messages import preferred

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_SAFE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
# Compressing more than this takes long enough to leave the loop to others.
_THREAD_BYTES = 64 * 1024


class Exchange:
    """What a request said, and the means to answer it once."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, gzip_min_bytes: int) -> None:
        self.method: str = scope["method"]
        self.raw_path: bytes = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
        self.query: bytes = scope.get("query_string", b"")
        self.headers = Headers(scope["headers"])
        self.peer = peer_of(scope)
        self.receive = receive
        given = self.headers.get("x-request-id", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else f"req_{token_hex(16)}"
        self.language = preferred(self.headers.get("accept-language", ""))
        # Headers for every answer to this request, whatever it will be.
        self.extra: dict[str, str] = {}
        # The status of the answer, 0 before there is one.
        self.status = 0
        # The template that matched, for whoever observes; empty for pages and refusals.
        self.route = ""
        self._send = send
        self._gzip_min_bytes = gzip_min_bytes

    async def json(self, status: int, headers: Mapping[str, str], value: Any) -> None:
        """Answer with JSON that no cache may keep."""
        body = orjson.dumps(value)
        await self.answer(status, {"content-type": JSON, **_SAFE, **headers}, body)

    async def error(self, answer: ErrorAnswer, headers: Mapping[str, str] | None = None) -> None:
        """Answer with an error."""
        merged = {**(headers or {}), **answer.headers}
        await self.json(answer.status, merged, answer.body(self.request_id))

    async def answer(self, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
        """Answer with a whole body, compressed where that is welcome and worth it."""
        headers = dict(headers)
        if self._worth_gzip(body):
            vary = self.extra.get("vary")
            headers["vary"] = f"{vary}, accept-encoding" if vary else "accept-encoding"
            if _accepts_gzip(self.headers.get("accept-encoding", "")):
                body = await _compress(body)
                headers["content-encoding"] = "gzip"
        if status not in (204, 304):
            headers["content-length"] = str(len(body))
        await self.start(status, headers)
        shown = b"" if self.method == "HEAD" or status in (204, 304) else body
        await self.write(shown, more=False)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Begin an answer whose body follows by `write`."""
        self.status = status
        merged = {**self.extra, **headers, "x-request-id": self.request_id}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in merged.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": raw})

    async def write(self, body: bytes, *, more: bool) -> None:
        """Send a part of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _worth_gzip(self, body: bytes) -> bool:
        return 0 < self._gzip_min_bytes <= len(body)


def _accepts_gzip(accept_encoding: str) -> bool:
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


async def _compress(body: bytes) -> bytes:
    if len(body) > _THREAD_BYTES:
        return await asyncio.to_thread(_gzip, body)
    return _gzip(body)


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=31)
    return compressor.compress(body) + compressor.flush()
