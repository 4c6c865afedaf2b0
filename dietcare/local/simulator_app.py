"""The simulator as a bare ASGI application: two routes of OpenAI's API, and failures on demand."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any

from dietcare.local.completions import BODIES, MODEL, BadRequestError, answer
from dietcare.local.simulator_modes import SimulatorMode

MODE_HEADER = b"x-simulate"
MAX_BODY_BYTES = 20_000_000
TRICKLE_S = 0.05
RETRY_AFTER_S = 1
ERRORS = {"401": "invalid_api_key", "429": "rate_limit_exceeded", "500": "server_error"}
MODES = frozenset(SimulatorMode)

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class SimulatorApp:
    """Answers `POST /v1/chat/completions` and `GET /v1/models`.

    How an answer fails is said by a first path segment (`/hang/v1/…`), by the header `x-simulate`,
    or by `modes`: the n-th request gets the n-th mode, all later ones the last. `on_request` sees
    each request to the model, as decoded.
    """

    def __init__(
        self,
        modes: Sequence[str] = ("ok",),
        on_request: Callable[[Any], None] = lambda request: None,
    ) -> None:
        unknown = set(modes) - MODES
        if unknown or not modes:
            raise ValueError(f"modes must be of {sorted(MODES)}")
        self._modes: Iterator[str] = chain(modes, repeat(modes[-1]))
        self._on_request = on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix, _, route = scope["path"].lstrip("/").partition("/")
        mode = prefix if prefix in MODES else None
        path = f"/{route}" if mode else scope["path"]
        if (scope["method"], path) == ("GET", "/v1/models"):
            models = [{"id": MODEL, "object": "model", "created": 0, "owned_by": "dietcare"}]
            await _send_json(send, 200, {"object": "list", "data": models})
        elif (scope["method"], path) == ("POST", "/v1/chat/completions"):
            headers = dict(scope["headers"])
            wanted = headers.get(MODE_HEADER, b"").decode("ascii", "replace")
            chosen = mode or (wanted if wanted in MODES else next(self._modes))
            await self._complete(chosen, headers, receive, send)
        else:
            await _send_error(send, 404, "not_found")

    async def _complete(
        self, mode: str, headers: Mapping[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        try:
            request = json.loads(await _body(receive))
            whole = answer(request)
        except (ValueError, RecursionError, BadRequestError):
            await _send_error(send, 400, "invalid_request")
            return
        if not headers.get(b"authorization", b"").startswith(b"Bearer "):
            await _send_error(send, 401, ERRORS["401"])
            return
        self._on_request(request)
        await _respond(mode, whole, receive, send)


async def _respond(mode: str, whole: dict[str, Any], receive: Receive, send: Send) -> None:
    if mode in BODIES:
        await _send_json(send, 200, BODIES[mode](whole))
    elif mode in ERRORS:
        await _send_error(send, int(mode), ERRORS[mode])
    elif mode == "html":
        await _send(send, 200, b"text/html", b"<html><body>Bad gateway</body></html>")
    elif mode == "broken_body":
        await _send(send, 200, b"application/json", b'{"id": "chatcmpl')
    else:
        await _never_end(mode == "trickle", receive, send)


async def _never_end(trickle: bool, receive: Receive, send: Send) -> None:
    """Until the client hangs up: say nothing at all, or a blank now and then."""
    gone = asyncio.ensure_future(receive())
    if trickle:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
    while not gone.done():
        if trickle:
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.wait({gone}, timeout=TRICKLE_S if trickle else None)


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        event: dict[str, Any] = await receive()
        chunk: bytes = event.get("body", b"")
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ValueError("too large")
        if not event.get("more_body"):
            return body


async def _send_error(send: Send, status: int, code: str) -> None:
    error = {"message": f"simulated: {code}", "type": code, "param": None, "code": code}
    await _send_json(send, status, {"error": error})


async def _send_json(send: Send, status: int, body: dict[str, Any]) -> None:
    await _send(send, status, b"application/json", json.dumps(body, ensure_ascii=False).encode())


async def _send(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    if status == 429:
        headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
