"""What a client leaves undone is not waited for without an end, and is told in the one shape."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from certificates import Authority

from gateway import Gateway, GatewayOptions
from gateway.http_connection import HttpBounds
from gateway.http_server import listening
from gateway.tls import Certificates

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 20
REQUEST = b"GET /v1/books/newest HTTP/1.1\r\nhost: test\r\n\r\n"
POST = b"POST /v1/echo HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n"

Connect = Callable[[], Awaitable[Any]]


class Raw:
    """A connection whose bytes a test writes itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def ended(self) -> list[tuple[int, Any]]:
        """Every answer until the server closes the connection: status and JSON."""
        async with asyncio.timeout(PATIENCE_S):
            data = await self._reader.read()
        answers = []
        while data:
            head, _, rest = data.partition(b"\r\n\r\n")
            status, *lines = head.decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            size = int(headers["content-length"])
            answers.append((int(status.split()[1]), json.loads(rest[:size])))
            data = rest[size:]
        return answers

    async def answer(self) -> bytes:
        """The head of the next answer, its body read too."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self._reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await self._reader.readexactly(size)
        return head

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()


@pytest_asyncio.fixture(loop_scope="module")
async def serving(api: Any, local: Any) -> AsyncIterator[Callable[..., Awaitable[Connect]]]:
    """Serves with bounds of the test's own; gives what connects to it."""
    async with AsyncExitStack() as stack:

        async def serve(
            options: dict[str, Any] | None = None,
            tls: ssl.SSLContext | None = None,
            **bounds: Any,
        ) -> Connect:
            app = Gateway(api, local, GatewayOptions(**(options or {})))
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            await stack.enter_async_context(
                listening(app, listener, bounds=HttpBounds(**bounds), tls=tls)
            )

            async def connect() -> Raw:
                made = Raw(*await asyncio.open_connection(*listener.getsockname()))
                stack.push_async_callback(made.close)
                return made

            return connect

        yield serve


def refused(answers: list[tuple[int, Any]], status: int, reason: str) -> None:
    ((got, body),) = answers
    assert (got, body["error_code"], body["detail"]["reason"]) == (status, status, reason)
    assert body["request_id"].startswith("req_")
    assert body["message"]


@pytest.mark.parametrize("sent", [b"", b"GET /v1", REQUEST[:-2], b"\r\n\r\n"])
async def test_headers_that_do_not_arrive_are_waited_for_so_long(serving: Any, sent: bytes) -> None:
    connection = await (await serving(head_timeout_s=0.05))()
    await connection.send(sent)
    refused(await connection.ended(), 408, "REQUEST_TIMEOUT")


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x02\x00\x01"])
async def test_a_handshake_that_does_not_end_is_waited_for_so_long(
    serving: Any, tmp_path: Path, sent: bytes
) -> None:
    tls = Certificates(*Authority().issue("127.0.0.1").written(tmp_path)).http_context()
    connection = await (await serving(tls=tls, head_timeout_s=0.05))()
    await connection.send(sent)
    assert await connection.ended() == []


async def test_the_next_headers_on_a_kept_connection_too(serving: Any) -> None:
    connection = await (await serving(head_timeout_s=0.05))()
    await connection.send(REQUEST)
    assert b" 200 " in await connection.answer()
    await connection.send(REQUEST[:-2])
    refused(await connection.ended(), 408, "REQUEST_TIMEOUT")


async def test_a_connection_without_a_request_is_kept_so_long(serving: Any) -> None:
    connection = await (await serving(idle_timeout_s=0.05))()
    await connection.send(REQUEST)
    assert b" 200 " in await connection.answer()
    assert await connection.ended() == []


async def test_white_space_does_not_keep_an_idle_connection(serving: Any) -> None:
    connection = await (await serving(idle_timeout_s=60, head_timeout_s=0.05))()
    await connection.send(REQUEST)
    await connection.answer()
    await connection.send(b"\r\n")
    refused(await connection.ended(), 408, "REQUEST_TIMEOUT")


@pytest.mark.parametrize("begun", [b"", b"{"])
async def test_a_body_is_waited_for_so_long_also_when_no_byte_of_it_comes(
    serving: Any, begun: bytes
) -> None:
    connection = await (await serving({"body_timeout_s": 0.05}, idle_timeout_s=0.05))()
    await connection.send(POST + b"content-length: 10\r\n\r\n" + begun)
    refused(await connection.ended(), 408, "REQUEST_TIMEOUT")


async def test_the_rest_of_a_body_that_nobody_wants_is_no_head(serving: Any) -> None:
    connection = await (await serving(head_bytes=1_024))()
    size = 100_000
    await connection.send(
        f"POST /nowhere HTTP/1.1\r\nhost: test\r\ncontent-length: {size}\r\n\r\n".encode()
    )
    assert b" 404 " in await connection.answer()
    await connection.send(bytes(size))
    await connection.send(REQUEST)
    assert b" 200 " in await connection.answer()


async def test_the_rest_of_a_body_that_nobody_wants_is_not_waited_for(serving: Any) -> None:
    connection = await (await serving(head_timeout_s=0.05))()
    await connection.send(b"POST /nowhere HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\n")
    assert b" 404 " in await connection.answer()
    await connection.send(b"a")
    refused(await connection.ended(), 408, "REQUEST_TIMEOUT")


async def test_headers_are_bounded(serving: Any) -> None:
    connection = await (await serving(head_bytes=1_000))()
    await connection.send(REQUEST[:-2] + b"x-long: " + b"x" * 2_000)
    refused(await connection.ended(), 431, "HEADERS_TOO_LARGE")


@pytest.mark.parametrize("size", [1_100, 100_000])
async def test_headers_that_come_in_one_piece_are_bounded_too(serving: Any, size: int) -> None:
    connect = await serving(head_bytes=1_000)
    connection = await connect()
    await connection.send(REQUEST[:-2] + b"x-long: " + b"x" * size + b"\r\n\r\n")
    refused(await connection.ended(), 431, "HEADERS_TOO_LARGE")
    within = await connect()
    await within.send(REQUEST[:-2] + b"x-long: " + b"x" * 800 + b"\r\n\r\n")
    assert b" 200 " in await within.answer()


@pytest.mark.parametrize(
    "after",
    # What has no end is noticed with the second piece that is read, of at most 256 KiB.
    [
        b"5;" + b"x" * 600_000,
        b"0\r\na: " + b"x" * 600_000,
        b"0\r\n" + b"a: xxxxx\r\n" * 300,
        b"0\r\n" + b"a: xxxxx\r\n" * 300 + b"\r\n",
    ],
)
async def test_what_is_sent_beside_the_chunks_of_a_body_is_bounded(
    serving: Any, after: bytes
) -> None:
    connection = await (await serving(head_bytes=1_000))()
    await connection.send(POST + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n")
    with contextlib.suppress(ConnectionError):  # refused before all is sent
        await connection.send(after)
    refused(await connection.ended(), 431, "HEADERS_TOO_LARGE")


async def test_an_address_without_an_end_is_bounded(serving: Any) -> None:
    connection = await (await serving(head_bytes=1_000))()
    await connection.send(b"GET /" + b"x" * 2_000)
    refused(await connection.ended(), 414, "URI_TOO_LONG")


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"GET /v1/books/newest HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: test\r\n\r\n",
        b"GET /v1/books/newest HTTP/1.1\r\n\r\n",
        REQUEST[:-2] + b"host: another\r\n\r\n",
        REQUEST[:-2] + b"bad header\r\n\r\n",
        REQUEST[:-2] + b"content-length: x\r\n\r\n",
        REQUEST[:-2] + b"content-length: 1\r\ncontent-length: 2\r\n\r\n",
        REQUEST[:-2] + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
        POST + b"transfer-encoding: chunked\r\n\r\nno size\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_what_is_no_http_is_refused_in_the_one_shape(serving: Any, sent: bytes) -> None:
    connection = await (await serving())()
    await connection.send(sent)
    refused(await connection.ended(), 400, "INVALID_ARGUMENT")


async def test_before_http_1_1_nobody_had_to_say_who_is_asked(serving: Any) -> None:
    connection = await (await serving())()
    await connection.send(b"GET /v1/books/newest HTTP/1.0\r\n\r\n")
    assert b" 200 " in await connection.answer()


@pytest.mark.parametrize(
    "sent", [b"hello\r\n\r\n", REQUEST[:-2] + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n"]
)
async def test_no_client_can_fill_the_log(
    serving: Any, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    connection = await (await serving())()
    await connection.send(sent)
    await connection.answer()
    assert caplog.messages == []


async def test_what_is_no_http_after_a_request_waits_for_the_answer_to_that(serving: Any) -> None:
    connection = await (await serving(idle_timeout_s=0.05))()
    await connection.send(REQUEST + b"hello\r\n\r\n")
    first, *_ = await connection.ended()
    assert first[0] == 200


async def test_connections_beyond_the_bound_are_refused_at_once(serving: Any) -> None:
    connect = await serving(connections=2)
    kept = [await connect(), await connect()]
    for each in kept:  # an answer shows that the server has seen the connection
        await each.send(REQUEST)
        await each.answer()
    refused(await (await connect()).ended(), 503, "OVERLOADED")
    await kept[0].send(REQUEST)
    assert b" 200 " in await kept[0].answer()


async def test_bodies_are_bounded_together_and_free_again_when_they_are_answered(
    serving: Any,
) -> None:
    connect = await serving({"max_body_bytes": 100, "max_bodies_bytes": 100})
    post = POST + b"content-length: 62\r\n\r\n"
    slow, other = await connect(), await connect()
    await slow.send(post + b"{" + b" " * 60)
    held = await connect()
    await held.send(REQUEST)  # an answer shows that what came before it was read
    await held.answer()
    await other.send(post + b"{" + b" " * 60 + b"}")
    assert b" 503 " in await other.answer()
    await slow.send(b"}")
    assert b" 200 " in await slow.answer()
    await other.send(post + b"{" + b" " * 60 + b"}")
    assert b" 200 " in await other.answer()


async def test_an_answer_that_nobody_reads_is_not_kept_for_ever() -> None:
    gone = asyncio.Event()

    async def flood(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        leaving = asyncio.create_task(_left(receive))
        try:
            while not leaving.done():
                part = {"type": "http.response.body", "body": bytes(1 << 20), "more_body": True}
                await send(part)
        finally:
            gone.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with listening(flood, listener, bounds=HttpBounds(write_timeout_s=0.05)):
            _, writer = await asyncio.open_connection(*listener.getsockname(), limit=1)
            writer.write(REQUEST)
            async with asyncio.timeout(PATIENCE_S):
                await gone.wait()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def test_the_end_of_an_answer_that_nobody_reads_is_not_kept_for_ever_either() -> None:
    """A closed connection stays until its last bytes are gone, however few these are."""
    loop = asyncio.get_running_loop()
    is_lost = asyncio.Event()

    async def little_more_than_is_taken(scope: Any, receive: Any, send: Any) -> None:
        transport = receive.__self__.transport
        protocol = transport.get_protocol()
        lost = protocol.connection_lost

        def connection_lost(error: Exception | None) -> None:
            lost(error)
            is_lost.set()

        protocol.connection_lost = connection_lost
        await send({"type": "http.response.start", "status": 200, "headers": []})
        part = {"type": "http.response.body", "body": bytes(4_096), "more_body": True}
        while not transport.get_write_buffer_size():
            await send(part)
        await send({"type": "http.response.body"})

    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        bounds = HttpBounds(idle_timeout_s=0.05, write_timeout_s=0.05)
        async with listening(little_more_than_is_taken, listener, bounds=bounds):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            client.setblocking(False)
            await loop.sock_connect(client, listener.getsockname())
            await loop.sock_sendall(client, REQUEST)
            async with asyncio.timeout(PATIENCE_S):
                await is_lost.wait()


async def _left(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
