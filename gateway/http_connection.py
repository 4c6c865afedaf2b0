"""One connection of HTTP/1.1: uvicorn's, and the bounds that a public port needs besides.

Nothing that a client leaves undone is waited for without an end: connections, heads of requests,
idle time and answers that nobody reads are bounded. What is refused before a gateway sees it has
the one error shape too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.errors import from_gateway
from gateway.exchange import new_request_id
from gateway.failures import GatewayError, invalid
from gateway.headers import encoded
from gateway.http import JSON
from gateway.messages import preferred
from gateway.safety import safe_lines

LINGER_S = 1.0
"""How long a client that was refused may still send, unheard, before the connection ends."""


@dataclass(frozen=True, slots=True)
class HttpBounds:
    """What one server gives to its clients; times in seconds, sizes in bytes."""

    # Connections at once; more are answered 503 and closed.
    connections: int = 2_048
    # From the first byte of a request, or the connection, to the end of its headers; and as long
    # for the handshake of TLS.
    head_timeout_s: float = 10.0
    head_bytes: int = 64 * 1024
    # How long a connection is kept for another request.
    idle_timeout_s: float = 75.0
    # How long a client may leave an answer unread.
    write_timeout_s: float = 30.0


DEFAULT_BOUNDS = HttpBounds()


class BoundedProtocol(HttpToolsProtocol):
    """One connection, which is closed when its client lets it wait."""

    def __init__(self, *given: Any, bounds: HttpBounds, **named: Any) -> None:
        super().__init__(*given, **named)
        self._bounds = bounds
        self.url = b""
        self.headers = []
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._seen_lines = self._seen_bytes = 0
        self._is_in_head = False
        self._has_advanced = False
        self._is_refused = False
        # Requests before the newest one that are not answered yet, the oldest first.
        self._earlier: deque[RequestResponseCycle] = deque()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._bounds.connections:
            self._refuse(GatewayError(503, "OVERLOADED", headers={"retry-after": "1"}))
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_head_timer()
        self._cancel_write_timer()
        for cycle in self._earlier:  # the newest is told below
            _disconnect(cycle)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        self._has_advanced = False
        super().data_received(data)
        if self._head_timer is None and (self._is_in_head or self._is_between_requests()):
            # A head in pieces (most come whole, and need no timer), white space before a request,
            # or the rest of a body that nobody wanted.
            self._expect_head()
        # Bodies are the gateway's to bound. What comes beside their chunks and after them is
        # bounded like a head.
        self._head_bytes = 0 if self._has_advanced else self._head_bytes + len(data)
        is_too_large = self._head_bytes > self._bounds.head_bytes or self._is_head_too_large()
        if is_too_large and not self._is_refused:
            self._refuse(self._too_large())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._seen_lines = self._seen_bytes = 0
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        self._cancel_head_timer()
        self._is_in_head = False
        # A head that came in one piece was not bounded on its way.
        self._refuse_long_head()
        self._refuse_unclear_host()
        self._has_advanced = True
        # What follows the body goes to a list of its own: trailers are no headers, RFC 9110 §6.5.1.
        self.headers = self.headers.copy()
        before = self.cycle
        super().on_headers_complete()
        if before is not None and not before.response_complete:
            self._earlier.append(before)
        if self.scope["http_version"] == "1.0":
            _send_without_chunks(self.cycle)

    def on_body(self, body: bytes) -> None:
        self._has_advanced = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._refuse_long_head()
        self._has_advanced = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._too_large() if self._is_head_too_large() else invalid("", "http"))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._time_writing()

    def resume_writing(self) -> None:
        if not self.transport.is_closing():
            self._cancel_write_timer()
        super().resume_writing()

    def on_response_complete(self) -> None:
        if self._earlier:
            self._earlier.popleft()
        super().on_response_complete()
        if self.transport.is_closing():
            self._close()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def _close(self) -> None:
        """Close once all is sent; what nobody reads does not keep the connection for ever."""
        self.transport.close()
        if self._write_timer is None:
            self._time_writing()

    def _time_writing(self) -> None:
        self._write_timer = self.loop.call_later(self._bounds.write_timeout_s, self.transport.abort)

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(self._bounds.head_timeout_s, self._head_is_late)

    def _head_is_late(self) -> None:
        self._refuse(GatewayError(408, "REQUEST_TIMEOUT"))

    def _cancel_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _cancel_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _refuse_long_head(self) -> None:
        if self._is_head_too_large():
            raise ValueError("the head is too large")  # which ends in send_400_response

    def _refuse_unclear_host(self) -> None:
        """RFC 9112 §3.2: who is asked is said once, and only before HTTP/1.1 may it be left out."""
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() != "1.0"):
            raise ValueError("one Host is needed")

    def _is_head_too_large(self) -> bool:
        """Whether address, headers and trailers are, as far as they are there."""
        for name, value in self.headers[self._seen_lines :]:
            self._seen_bytes += len(name) + len(value)
        self._seen_lines = len(self.headers)
        return len(self.url) + self._seen_bytes > self._bounds.head_bytes

    def _too_large(self) -> GatewayError:
        if self.headers:
            return GatewayError(431, "HEADERS_TOO_LARGE")
        return GatewayError(414, "URI_TOO_LONG")

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse(self, error: GatewayError) -> None:
        """Answer and close; where an answer is due or on its way, close after that."""
        self._cancel_head_timer()
        cycle = self.cycle
        if self._earlier and cycle.more_body:
            # Nothing may come before or into the answers that are due. After them, all ends.
            self._is_refused = True
            self.pipeline.popleft()
            self._earlier[-1].keep_alive = False
        elif self._is_between_requests() or (cycle.more_body and not cycle.response_started):
            self._is_refused = True
            if cycle is not None:
                _disconnect(cycle)  # so that nothing is written after this
            self.transport.write(_answer(error, self.scheme or "http"))
            self._linger()
        elif cycle.more_body:
            self._close()
        else:
            cycle.keep_alive = False
            self.flow.pause_reading()

    def _linger(self) -> None:
        """Closed with data unread, a connection is reset, and the answer lost with it."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._head_timer = self.loop.call_later(LINGER_S, self._close)
        else:
            self._close()


def _disconnect(cycle: RequestResponseCycle) -> None:
    """What is served hears that its client is gone, and what it writes goes nowhere."""
    if not cycle.response_complete:
        cycle.disconnected = True
    cycle.message_event.set()


def _send_without_chunks(cycle: RequestResponseCycle) -> None:
    """An answer without a length ends with its connection: HTTP/1.0 knows no chunks.

    RFC 9112 §6.1; uvicorn sends them all the same.
    """
    send = cycle.send
    cycle.chunked_encoding = False

    async def unchunked(message: Any) -> None:
        cycle.expected_content_length = len(message.get("body", b""))
        await send(message)

    cycle.send = unchunked  # type: ignore[method-assign]


def _answer(error: GatewayError, scheme: str) -> bytes:
    request_id = new_request_id()
    answer = from_gateway(error, preferred(""))
    body = orjson.dumps(answer.body(request_id))
    own = {
        **answer.headers,
        "content-type": JSON,
        "content-length": str(len(body)),
        "connection": "close",
        "x-request-id": request_id,
    }
    lines = {**safe_lines(scheme), **encoded(own)}
    head = b"".join(b"%b: %b\r\n" % line for line in lines.values())
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
    return b"%b%b\r\n%b" % (status.encode("ascii"), head, body)
