"""Two ways to send a request to a gateway: straight into the ASGI application, and over TCP."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    """An HTTP answer. Header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


class AsgiClient:
    """Calls the application without a server."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def send(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send one request, its body in two pieces, and give the whole answer."""
        raw = [(k.lower().encode(), v.encode("latin-1")) for k, v in (headers or {}).items()]
        return await self.send_raw(method, target, raw, [body[:7], body[7:]])

    async def send_raw(
        self,
        method: str,
        target: str,
        headers: list[tuple[bytes, bytes]],
        chunks: list[bytes],
        gone: asyncio.Event | None = None,
    ) -> Answer:
        """As `send`, with headers as they are; the client leaves when `gone` is set."""
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "client": ("192.0.2.7", 4711),
            "http_version": "1.1",
        }
        pending = list(chunks)
        answer = Answer(0, {}, b"")

        async def receive() -> Any:
            if pending:
                chunk = pending.pop(0)
                return {"type": "http.request", "body": chunk, "more_body": bool(pending)}
            await (gone or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(event: Any) -> None:
            if event["type"] == "http.response.start":
                assert answer.status == 0, "answered twice"
                answer.status = event["status"]
                pairs = [(k.decode().lower(), v.decode()) for k, v in event["headers"]]
                assert len(pairs) == len(dict(pairs)), "a header twice"
                answer.headers = dict(pairs)
            else:
                answer.body += event.get("body", b"")

        await self.app(scope, receive, send)
        return answer


class TcpClient:
    """Speaks HTTP/1.1 with a real server."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def send(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """Send one request on a connection of its own."""
        lines = [f"{method} {target} HTTP/1.1", "host: test", "connection: close"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body:
            lines.append(f"content-length: {len(body)}")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
            return _parse(await reader.read())
        finally:
            writer.close()
            await writer.wait_closed()


def _parse(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        body = _unchunk(body)
    return Answer(int(status.split()[1]), headers, body)


def _unchunk(body: bytes) -> bytes:
    result = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        result, body = result + body[:length], body[length + 2 :]
    return result
