"""Streams of services that do not behave, over both dispatchers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from gateway import Api, Call, ChannelDispatcher, Dispatcher, Gateway, LocalDispatcher, RpcFailure

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_S = 10
WAYS = pytest.mark.parametrize("way", ["local", "channel"])
UNREADABLE = b"\xff\xff"


@asynccontextmanager
async def dispatching(library: SimpleNamespace, way: str, stream: Any) -> AsyncIterator[Dispatcher]:
    """A dispatcher before a service whose Stream is this handler."""
    servicer = library.grpc.LibraryServicer()
    servicer.Stream = stream
    if way == "local":
        yield await LocalDispatcher.build(
            lambda server: library.grpc.add_LibraryServicer_to_server(servicer, server)
        )
        return
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    library.grpc.add_LibraryServicer_to_server(servicer, server)
    async with reaching(server) as dispatcher:
        yield dispatcher


@asynccontextmanager
async def reaching(server: Any) -> AsyncIterator[Dispatcher]:
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield ChannelDispatcher(channel)
    await server.stop(None)


def call_of(api: Api, library: SimpleNamespace, timeout_s: float | None = None) -> Call:
    method = next(method for method in api.methods if method.name == "Stream")
    return Call(method, library.pb.FailRequest(), timeout_s=timeout_s)


@WAYS
async def test_a_stream_that_never_waits_ends_at_its_deadline(
    api: Api, library: Any, way: str
) -> None:
    is_closed = asyncio.Event()

    async def handler(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            for _ in range(200_000):  # seconds, where nothing ends it
                yield library.pb.NameResponse()
        finally:
            is_closed.set()

    async with dispatching(library, way, handler) as dispatcher:
        replies = dispatcher.stream(call_of(api, library, timeout_s=0.05))
        with pytest.raises(RpcFailure, match="DEADLINE_EXCEEDED"):
            async for _ in replies:
                pass
        await replies.aclose()
        await asyncio.wait_for(is_closed.wait(), PATIENCE_S)


async def test_a_stream_in_the_process_lets_others_have_the_loop(api: Api, library: Any) -> None:
    async def handler(request: Any, context: Any) -> AsyncIterator[Any]:
        for _ in range(100):
            yield library.pb.NameResponse()

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turns = 0
    async with dispatching(library, "local", handler) as dispatcher:
        task = asyncio.create_task(other())
        async for _ in dispatcher.stream(call_of(api, library)):
            pass
        task.cancel()
    assert turns >= 90


@WAYS
async def test_what_a_service_sends_last_is_no_header_of_a_stream(
    api: Api, library: Any, way: str
) -> None:
    async def handler(request: Any, context: Any) -> AsyncIterator[Any]:
        context.set_trailing_metadata((("etag", '"last"'),))
        await context.send_initial_metadata((("x-ratelimit-limit", "5"),))
        yield library.pb.NameResponse()

    async with dispatching(library, way, handler) as dispatcher:
        replies = dispatcher.stream(call_of(api, library))
        await anext(replies)
        assert replies.metadata == (("x-ratelimit-limit", "5"),)
        await replies.aclose()


@WAYS
async def test_no_message_where_one_is_due_is_no_empty_stream(
    api: Api, library: Any, client: Any, way: str
) -> None:
    async def handler(request: Any, context: Any) -> AsyncIterator[Any]:
        yield None

    async with dispatching(library, way, handler) as dispatcher:
        answer = await client.AsgiClient(Gateway(api, dispatcher)).send("GET", "/v1/stream")
    assert (answer.status, answer.json["detail"]["reason"]) == (500, "INTERNAL")


@pytest.mark.parametrize("readable", [0, 1])
async def test_a_message_that_can_not_be_read_fails_a_stream(
    api: Api, library: Any, client: Any, readable: int
) -> None:
    async def handler(request: Any, context: Any) -> AsyncIterator[bytes]:
        for _ in range(readable):
            yield library.pb.NameResponse(method="read").SerializeToString()
        yield UNREADABLE

    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    methods = {"Stream": grpc.unary_stream_rpc_method_handler(handler)}
    handlers = grpc.method_handlers_generic_handler("conformance.v1.Library", methods)
    server.add_generic_rpc_handlers((handlers,))
    async with reaching(server) as dispatcher:
        answer = await client.AsgiClient(Gateway(api, dispatcher)).send("GET", "/v1/stream")
    if readable:
        first, last = answer.lines
        assert first == {"method": "read"}
        assert last["error"]["detail"] == {"reason": "INTERNAL"}
    else:
        assert (answer.status, answer.json["detail"]["reason"]) == (500, "INTERNAL")


@WAYS
@pytest.mark.parametrize("method", ["HEAD", "GET"])
async def test_a_service_that_fails_as_it_is_closed_harms_no_answer(
    api: Api, library: Any, client: Any, way: str, method: str
) -> None:
    is_closed = asyncio.Event()

    async def handler(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            await context.send_initial_metadata((("etag", '"1"'),))
            yield library.pb.NameResponse()
            await asyncio.Event().wait()
        finally:
            is_closed.set()
            raise ValueError("a secret")

    async with dispatching(library, way, handler) as dispatcher:
        headers = {"if-none-match": '"1"'} if method == "GET" else {}
        asgi = client.AsgiClient(Gateway(api, dispatcher))
        answer = await asgi.send(method, "/v1/stream", headers)
        await asyncio.wait_for(is_closed.wait(), PATIENCE_S)
    assert (answer.status, answer.whole) == (304 if headers else 200, True)
