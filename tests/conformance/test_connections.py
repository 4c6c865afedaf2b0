"""Several requests on one connection, old clients, and those that leave while others wait."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.http_server import listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 5
CHUNKED = [("content-type", "application/json"), ("transfer-encoding", "chunked")]


async def test_over_http_1_0_an_answer_has_no_chunks(tcp: Any, client: Any) -> None:
    async with asyncio.timeout(PATIENCE_S), client.Connection(tcp.port) as connection:
        connection.writer.write(b"GET /v1/stream?after=2 HTTP/1.0\r\n\r\n")
        head, _, body = (await connection.reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"transfer-encoding" not in head
    assert body == b'{"method":"Stream 0"}\n{"method":"Stream 1"}\n'


async def test_over_http_1_0_a_length_is_told_as_ever(tcp: Any, client: Any) -> None:
    async with asyncio.timeout(PATIENCE_S), client.Connection(tcp.port) as connection:
        connection.writer.write(b"GET /v1/books/newest HTTP/1.0\r\n\r\n")
        answer = await connection.read("GET")
        assert await connection.reader.read() == b""
    assert answer.json == {"ok": True, "method": "Newest"}


async def test_trailers_are_no_headers(tcp: Any, client: Any) -> None:
    """What stands before the gateway judges headers, and lets trailers pass."""
    head = client.written("POST", "/v1/echo", [*CHUNKED, ("x-request-id", "mine")], b"")
    trailers = b"x-request-id: other\r\nauthorization: Bearer refused\r\n"
    async with asyncio.timeout(PATIENCE_S), client.Connection(tcp.port) as connection:
        connection.writer.write(head + b"2\r\n{}\r\n0\r\n" + trailers + b"\r\n")
        answer = await connection.read("POST")
    assert (answer.status, answer.headers["x-request-id"]) == (200, "mine")


async def test_a_broken_request_does_not_spoil_the_answers_before_it(
    tcp: Any, client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    target, timeout = "/v1/stream?how=wait&after=1", ("grpc-timeout", "50m")
    waits = client.written("GET", target, [timeout], b"")
    broken = client.written("POST", "/v1/echo", CHUNKED, b"") + b"no size\r\n"
    async with asyncio.timeout(PATIENCE_S), client.Connection(tcp.port) as connection:
        connection.writer.write(waits + client.probe("second") + broken)
        first = await connection.read("GET")
        client.expect(await connection.read("GET"), "second")
        assert await connection.reader.read() == b""
    assert first.lines[0] == {"method": "Stream 0"}
    assert first.lines[1]["error"]["error_code"] == 504
    assert caplog.messages == []


async def test_what_was_refused_is_not_answered_once_more(
    tcp: Any, client: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It needs no body, and could be answered although the connection is given up."""
    async with asyncio.timeout(PATIENCE_S), client.Connection(tcp.port) as connection:
        request = client.written("POST", "/nowhere", CHUNKED, b"")
        connection.writer.write(request + b"no size\r\n")
        head, _, body = (await connection.reader.read()).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error_code"] == 400
    assert caplog.messages == []


@pytest.mark.parametrize("target", ["/v1/fail/wait", "/v1/stream?how=wait&after=1"])
async def test_a_client_that_leaves_cancels_the_call_that_others_wait_behind(
    tcp: Any, client: Any, servicer: Any, target: str
) -> None:
    servicer.cancelled.clear()
    servicer.waits.clear()
    async with client.Connection(tcp.port) as connection:
        request = client.written("GET", target, [], b"")
        connection.writer.write(request + client.probe("second") + client.probe("third"))
        await asyncio.wait_for(servicer.waits.wait(), PATIENCE_S)
    await asyncio.wait_for(servicer.cancelled.wait(), PATIENCE_S)


async def test_a_server_that_stops_tells_whom_it_leaves_without_an_answer(
    app: Any, client: Any, servicer: Any
) -> None:
    servicer.cancelled.clear()
    servicer.waits.clear()
    async with asyncio.timeout(PATIENCE_S):
        connection = await _left(app, client, "/v1/fail/wait", lambda _: servicer.waits.wait())
        answer = await connection.read("GET")
        assert await connection.reader.read() == b""
        await connection.__aexit__()
        await servicer.cancelled.wait()
    assert (answer.status, answer.json["detail"]) == (503, {"reason": "UNAVAILABLE"})
    assert answer.json["request_id"] == answer.headers["x-request-id"]


async def test_a_server_that_stops_breaks_off_streams(app: Any, client: Any, servicer: Any) -> None:
    servicer.cancelled.clear()
    async with asyncio.timeout(PATIENCE_S):
        connection = await _left(
            app,
            client,
            "/v1/stream?how=wait&after=1",
            lambda connection: connection.reader.readuntil(b"Stream 0"),
        )
        assert b"0\r\n\r\n" not in await connection.reader.read()
        await connection.__aexit__()
        await servicer.cancelled.wait()


async def _left(
    app: Any, client: Any, target: str, begun: Callable[[Any], Awaitable[object]]
) -> Any:
    """The connection of a request whose server stopped once it had `begun`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with listening(app, listener, grace_s=0):
            connection = await client.Connection(listener.getsockname()[1]).__aenter__()
            connection.writer.write(client.written("GET", target, [], b""))
            await begun(connection)
    return connection
