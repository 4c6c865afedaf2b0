"""Ways to send a request to a gateway: straight into the ASGI application, and over HTTP/1.1."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Headers = Mapping[str, str] | Sequence[Sequence[str]] | None
PROBE = "/v1/books/newest"


@dataclass
class Answer:
    """An HTTP answer. Header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes
    # False where the connection broke off before the end that the answer had promised.
    whole: bool = True

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def events(self) -> list[list[Any]]:
        """Server-sent events as [type, data]."""
        return [_event(block) for block in self.body.decode().split("\n\n")[:-1]]


def _event(block: str) -> list[Any]:
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    assert fields.keys() <= {"event", "data"}
    return [fields.get("event", "message"), json.loads(fields["data"])]


def pairs(headers: Headers) -> list[tuple[str, str]]:
    """Headers as pairs: only as such can one be sent twice."""
    given = headers.items() if isinstance(headers, Mapping) else headers or ()
    return [(name, value) for name, value in given]


def request_of(case: Mapping[str, Any]) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """What a case sends: method, target, headers, body."""
    method, target = case["request"].split(" ")
    body, headers = body_of(case), pairs(case.get("headers"))
    if body and not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "application/json"))
    return method, target, headers, body


def body_of(case: Mapping[str, Any]) -> bytes:
    """The body that a case sends."""
    if "body_hex" in case:
        return bytes.fromhex(case["body_hex"])
    if "body_parts" in case:
        return "".join(text * times for text, times in case["body_parts"]).encode()
    return str(case.get("body", "")).encode()


class AsgiClient:
    """Calls the application without a server."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def send(
        self, method: str, target: str, headers: Headers = None, body: bytes = b""
    ) -> Answer:
        """Send one request, its body in two pieces, and give the whole answer."""
        raw = [(k.lower().encode(), v.encode("latin-1")) for k, v in pairs(headers)]
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
            "http_version": "2",  # where a body needs no header that tells of it
        }
        pending = list(chunks)
        answer = Answer(0, {}, b"", whole=False)

        async def receive() -> Any:
            if pending:
                chunk = pending.pop(0)
                return {"type": "http.request", "body": chunk, "more_body": bool(pending)}
            await (gone or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(event: Any) -> None:
            assert not answer.whole, "answered twice"
            if event["type"] == "http.response.start":
                assert answer.status == 0, "answered twice"
                answer.status = event["status"]
                given = [(k.decode().lower(), v.decode()) for k, v in event["headers"]]
                assert len(given) == len(dict(given)), "a header twice"
                answer.headers = dict(given)
            else:
                answer.body += event.get("body", b"")
                answer.whole = not event.get("more_body", False)

        await self.app(scope, receive, send)
        return answer


class TcpClient:
    """Speaks HTTP/1.1 with a real server: each request on a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def send(
        self, method: str, target: str, headers: Headers = None, body: bytes = b""
    ) -> Answer:
        """Send one request and give the whole answer."""
        request = written(method, target, [("connection", "close"), *pairs(headers)], body)
        async with Connection(self.port) as connection:
            connection.writer.write(request)
            answer = await connection.read(method)
            assert await connection.reader.read() == b"", "more than one answer"
        return answer


class KeepAliveClient(TcpClient):
    """Sends the request as the second of three on one connection."""

    async def send(
        self, method: str, target: str, headers: Headers = None, body: bytes = b""
    ) -> Answer:
        async with Connection(self.port) as connection:
            connection.writer.write(probe("first"))
            expect(await connection.read("GET"), "first")
            connection.writer.write(written(method, target, pairs(headers), body))
            answer = await connection.read(method)
            if answer.whole:
                connection.writer.write(probe("third"))
                expect(await connection.read("GET"), "third")
        return answer


class PipeliningClient(TcpClient):
    """Sends three requests at once before it reads any answer; the middle one counts."""

    async def send(
        self, method: str, target: str, headers: Headers = None, body: bytes = b""
    ) -> Answer:
        request = written(method, target, pairs(headers), body)
        async with Connection(self.port) as connection:
            connection.writer.write(probe("first") + request + probe("third"))
            expect(await connection.read("GET"), "first")
            answer = await connection.read(method)
            if answer.whole:
                expect(await connection.read("GET"), "third")
        return answer


class FragmentingClient(TcpClient):
    """Sends the request in pieces so small that the server gets no line of it at once."""

    async def send(
        self, method: str, target: str, headers: Headers = None, body: bytes = b""
    ) -> Answer:
        request = written(method, target, pairs(headers), body)
        size = 1 + len(request) // 500
        async with Connection(self.port) as connection:
            for start in range(0, len(request), size):
                connection.writer.write(request[start : start + size])
                await connection.writer.drain()
                # One turn of the loop: the server, which runs in it too, reads this piece.
                await asyncio.sleep(0)
            return await connection.read(method)


class Connection:
    """A connection to the server, as `async with`."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> Connection:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        transport = self.writer.get_extra_info("socket")
        transport.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def read(self, method: str) -> Answer:
        """The next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        given = [(name.lower(), value) for name, value in (line.split(": ", 1) for line in lines)]
        assert len(given) == len(dict(given)), "a header twice"
        answer = Answer(int(status.split()[1]), dict(given), b"")
        if method == "HEAD" or answer.status in (204, 304):
            return answer
        try:
            if answer.headers.get("transfer-encoding") == "chunked":
                await self._read_chunks(answer)
            else:
                answer.body = await self.reader.readexactly(int(answer.headers["content-length"]))
        except asyncio.IncompleteReadError:
            answer.whole = False
        return answer

    async def _read_chunks(self, answer: Answer) -> None:
        size = -1
        while size != 0:
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            answer.body += (await self.reader.readexactly(size + 2))[:-2]


def written(method: str, target: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
    """A request as it is sent."""
    lines = [f"{method} {target} HTTP/1.1", "host: test"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def probe(name: str) -> bytes:
    """A request whose answer shows that the connection is in order before and after another."""
    return written("GET", PROBE, [("x-request-id", name)], b"")


def expect(answer: Answer, name: str) -> None:
    """Check that this is the answer to that probe."""
    assert (answer.status, answer.headers["x-request-id"]) == (200, name)
    assert answer.json == {"ok": True, "method": "Newest"}
