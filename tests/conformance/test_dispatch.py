"""The in-process dispatcher behaves like grpc.aio where handlers and interceptors look."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from gateway import Call, ChannelDispatcher, LocalDispatcher, RpcFailure
from gateway.dispatch.context import LocalContext

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def call(api: Any, library: SimpleNamespace) -> Call:
    method = next(method for method in api.methods if method.name == "Newest")
    return Call(method, library.pb.NameRequest(), (("a", "b"),), "ipv4:127.0.0.1:1")


@pytest.fixture
def stream_call(api: Any, library: SimpleNamespace) -> Call:
    method = next(method for method in api.methods if method.name == "Stream")
    return Call(method, library.pb.FailRequest(after=3))


async def run(library: Any, call: Call, handler: Any, *interceptors: Any) -> Any:
    servicer = library.grpc.LibraryServicer()
    servicer.Newest = handler
    dispatcher = await LocalDispatcher.build(
        lambda server: library.grpc.add_LibraryServicer_to_server(servicer, server), interceptors
    )
    return await dispatcher.unary(call)


async def test_the_context_tells_what_grpc_tells(library: Any, call: Call) -> None:
    contexts: list[Any] = []

    async def handler(request: Any, context: Any) -> Any:
        contexts.append(context)
        assert context.invocation_metadata()[0].key == "a"
        assert context.invocation_metadata() == (("a", "b"),)
        assert (context.code(), context.details()) == (0, "")
        assert context.peer() == "ipv4:127.0.0.1:1"
        assert (context.peer_identities(), context.peer_identity_key()) == (None, None)
        assert context.auth_context() == {}
        assert context.time_remaining() is None
        assert not context.done()
        context.set_compression(grpc.Compression.Gzip)
        context.disable_next_message_compression()
        context.set_code(5)
        assert context.code() == 5
        context.set_code(grpc.StatusCode.OK)
        context.set_trailing_metadata((("x", "y"),))
        assert context.trailing_metadata() == (("x", "y"),)
        context.add_done_callback(lambda context: calls.append(context.done()))
        context.add_done_callback(lambda context: 1 / 0)
        return library.pb.NameResponse()

    calls: list[bool] = []
    reply = await run(library, call, handler)
    assert reply.metadata == (("x", "y"),)
    assert calls == [True]
    assert contexts[0].done()
    assert not contexts[0].cancelled()
    with pytest.raises(grpc.aio.UsageError):
        await contexts[0].abort(grpc.StatusCode.ABORTED)
    with pytest.raises(grpc.aio.UsageError):
        await contexts[0].read()
    with pytest.raises(grpc.aio.UsageError):
        await contexts[0].write(None)


async def test_abort_with_status(library: Any, call: Call) -> None:
    status = SimpleNamespace(
        code=grpc.StatusCode.ABORTED, details="d", trailing_metadata=(("k", "v"),)
    )

    async def handler(request: Any, context: Any) -> None:
        await context.abort_with_status(status)

    with pytest.raises(RpcFailure) as caught:
        await run(library, call, handler)
    assert caught.value.code is grpc.StatusCode.ABORTED
    assert caught.value.status.message == "d"
    assert caught.value.metadata == (("k", "v"),)


async def test_a_swallowed_abort_is_still_a_failure(library: Any, call: Call) -> None:
    async def handler(request: Any, context: Any) -> Any:
        try:
            await context.abort(grpc.StatusCode.NOT_FOUND, "gone")
        except Exception:
            return library.pb.NameResponse()

    with pytest.raises(RpcFailure, match="NOT_FOUND"):
        await run(library, call, handler)


async def test_a_cancellation_from_elsewhere_is_an_internal_error(library: Any, call: Call) -> None:
    async def handler(request: Any, context: Any) -> Any:
        raise asyncio.CancelledError

    with pytest.raises(RpcFailure, match="INTERNAL"):
        await run(library, call, handler)


async def test_abort_with_ok_is_an_internal_error(library: Any, call: Call) -> None:
    async def handler(request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.OK, "fine")

    with pytest.raises(RpcFailure, match="INTERNAL"):
        await run(library, call, handler)


async def test_interceptors_run_from_the_first_to_the_last(library: Any, call: Call) -> None:
    order: list[str] = []

    class Named(grpc.aio.ServerInterceptor):
        def __init__(self, name: str) -> None:
            self.name = name

        async def intercept_service(self, continuation: Any, details: Any) -> Any:
            assert details.method == call.method.path
            handler = await continuation(details)

            async def wrapped(request: Any, context: Any) -> Any:
                order.append(self.name)
                return await handler.unary_unary(request, context)

            return grpc.unary_unary_rpc_method_handler(wrapped)

    async def answer(request: Any, context: Any) -> Any:
        return library.pb.NameResponse(method="x")

    servicer = SimpleNamespace(Newest=answer)

    def register(server: Any) -> None:
        handler = grpc.unary_unary_rpc_method_handler(servicer.Newest)
        server.add_registered_method_handlers("conformance.v1.Library", {"Newest": handler})

    dispatcher = await LocalDispatcher.build(register, [Named("first"), Named("second")])
    reply = await dispatcher.unary(call)
    assert reply.message.method == "x"
    assert order == ["first", "second"]


async def test_a_stream_that_is_closed_early_is_cancelled(
    local: LocalDispatcher, channel: Any, stream_call: Call
) -> None:
    for dispatcher in (local, channel):
        replies = dispatcher.stream(stream_call)
        assert replies.metadata == ()
        await replies.aclose()  # nothing runs yet
        replies = dispatcher.stream(stream_call)
        assert (await anext(replies)).method == "Stream 0"
        assert ("x-ratelimit-limit", "5") in replies.metadata
        await replies.aclose()
        await replies.aclose()


async def test_a_stream_ends(local: LocalDispatcher, channel: Any, stream_call: Call) -> None:
    for dispatcher in (local, channel):
        names = [message.method async for message in dispatcher.stream(stream_call)]
        assert names == ["Stream 0", "Stream 1", "Stream 2"]


async def test_a_cancelled_call_tells_its_context(library: Any, call: Call) -> None:
    contexts: list[LocalContext] = []
    started = asyncio.Event()

    async def handler(request: Any, context: Any) -> Any:
        contexts.append(context)
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(run(library, call, handler))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert contexts[0].cancelled()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_channel_that_closes_makes_its_calls_unavailable(
    api: Any, library: Any, servicer: Any, stream: bool
) -> None:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    library.grpc.add_LibraryServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    opened = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
    dispatcher = ChannelDispatcher(opened)
    name = "Stream" if stream else "Fail"
    method = next(method for method in api.methods if method.name == name)
    call = Call(method, library.pb.FailRequest(how="wait"))
    start = anext(dispatcher.stream(call)) if stream else dispatcher.unary(call)
    task = asyncio.ensure_future(start)
    await opened.channel_ready()
    servicer.cancelled.clear()
    await opened.close()
    with pytest.raises(RpcFailure, match="UNAVAILABLE"):
        await task
    await server.stop(None)


async def test_too_much_metadata_of_a_service_is_its_fault_and_no_quota(
    library: Any, call: Call
) -> None:
    async def talkative(request: Any, context: Any) -> Any:
        context.set_trailing_metadata((("x-long", "x" * 20_000),))
        return library.pb.NameResponse()

    servicer = library.grpc.LibraryServicer()
    servicer.Newest = talkative
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    library.grpc.add_LibraryServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as opened:
        with pytest.raises(RpcFailure, match="INTERNAL"):
            await ChannelDispatcher(opened).unary(call)
    await server.stop(None)


@pytest.mark.parametrize("name", ["Newest", "Stream"])
async def test_what_a_servicer_does_not_implement_is_unimplemented(
    api: Any, library: Any, name: str
) -> None:
    def register(server: Any) -> None:
        library.grpc.add_LibraryServicer_to_server(library.grpc.LibraryServicer(), server)

    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    register(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    method = next(method for method in api.methods if method.name == name)
    call = Call(method, method.request_class())
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as opened:
        for dispatcher in (await LocalDispatcher.build(register), ChannelDispatcher(opened)):
            streaming = method.server_streaming
            first = anext(dispatcher.stream(call)) if streaming else dispatcher.unary(call)
            with pytest.raises(RpcFailure, match="UNIMPLEMENTED"):
                await first
    await server.stop(None)
