"""What the gateway learns by server reflection, from real servers of every kind that there is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_reflection.v1alpha.reflection_pb2 import (
    ErrorResponse,
    FileDescriptorResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
)
from reflecting_server import Contract, Reflection

from gateway import Api, GatewayConfigError
from gateway.reflection import Learned, learn

UPSTREAM = "shop:50051"


async def start(handlers: Iterable[Any], port: int = 0) -> tuple[grpc.aio.Server, int]:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers(tuple(handlers))
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    return server, bound


async def ask(port: int, services: Iterable[str] = (), timeout_s: float = 20) -> Learned:
    options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 100)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        return await learn(channel, UPSTREAM, list(services), timeout_s)


async def problem(port: int, services: Iterable[str] = (), timeout_s: float = 20) -> str:
    with pytest.raises(GatewayConfigError) as refused:
        await ask(port, services, timeout_s)
    (only,) = refused.value.problems
    assert "\n" not in only
    return only


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    return Contract(tmp_path)


Serve = Callable[..., Any]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server with some reflection services; gives its port."""
    started = []

    async def start_one(*services: Reflection, port: int = 0) -> int:
        server, bound = await start((service.handlers for service in services), port)
        started.append(server)
        return bound

    yield start_one
    for server in started:
        await server.stop(None)


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
@pytest.mark.parametrize("with_imports", [True, False])
async def test_the_contract_is_learned_with_its_annotations(
    contract: Contract, serve: Serve, version: str, with_imports: bool
) -> None:
    server = Reflection(contract, version, with_imports=with_imports)

    learned = await ask(await serve(server), [contract.name("Shop")])

    api = Api.load(learned.descriptors, learned.services)
    (method,) = api.methods
    assert (method.bindings[0].template.text, method.success_status) == ("/v1/{id}", 201)
    files = FileDescriptorSet.FromString(learned.descriptors).file
    assert [file.name.partition("/")[2] for file in files] == [
        *("cover.proto", "types.proto", "shop.proto")  # imports first, and nothing else
    ]
    assert not any(name.startswith("google/") for name in server.asked), "these the gateway has"


async def test_v1_is_preferred(contract: Contract, serve: Serve) -> None:
    newer, older = Reflection(contract), Reflection(contract, "v1alpha")

    await ask(await serve(older, newer))

    assert (bool(newer.asked), bool(older.asked)) == (True, False)


async def test_unasked_every_service_with_a_route_is_served(
    contract: Contract, serve: Serve
) -> None:
    learned = await ask(await serve(Reflection(contract)))

    assert learned.services == (contract.name("Shop"),)


async def test_what_is_lacking_is_said(contract: Contract, serve: Serve) -> None:
    server = Reflection(contract)
    port = await serve(server)
    shop, plain = contract.name("Shop"), contract.name("Plain")

    assert (
        await problem(port, ["no.Such"])
        == f"{UPSTREAM} has no service no.Such; it has {shop}, {plain}"
    )
    assert await problem(port, [plain]) == f"{plain} has no route (google.api.http)"
    server.hidden = {f"{contract.package}/cover.proto"}
    assert (
        await problem(port) == f"{UPSTREAM} does not give the file {contract.package}/cover.proto"
    )
    server.services = [plain]
    assert (
        await problem(port)
        == f"{UPSTREAM} has no service with a route (google.api.http); it has {plain}"
    )
    server.services = []
    assert (await problem(port)).endswith("it has none")


async def test_without_reflection_it_says_what_to_do_instead(serve: Serve) -> None:
    assert (
        await problem(await serve()) == f"{UPSTREAM} has no server reflection: give --descriptors"
    )


async def test_a_refusal_is_passed_on(contract: Contract, serve: Serve) -> None:
    server = Reflection(contract)
    server.failures = [grpc.StatusCode.PERMISSION_DENIED]
    older = Reflection(contract, "v1alpha")
    older.failures = [grpc.StatusCode.PERMISSION_DENIED]

    refused = await problem(await serve(server, older))

    assert refused == f"{UPSTREAM} refuses server reflection: PERMISSION_DENIED: not now"


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (b"\xff\xff", "answers server reflection with what can not be read"),
        (
            ServerReflectionResponse(
                file_descriptor_response=FileDescriptorResponse(file_descriptor_proto=[b"\xff"])
            ).SerializeToString(),
            "answers server reflection with what can not be read",
        ),
        (
            ServerReflectionResponse(
                error_response=ErrorResponse(error_code=7, error_message="not\nfor you")
            ).SerializeToString(),
            "lists no services: not for you",
        ),
    ],
    ids=["no message", "no file", "an error"],
)
async def test_what_is_no_answer_is_said(files: bytes, text: str) -> None:
    listed = ServerReflectionResponse()
    listed.list_services_response.service.add(name="shop.v1.Shop")

    async def info(requests: Any, context: Any) -> AsyncIterator[bytes]:
        async for request in requests:
            is_list = request.HasField("list_services") and "lists" not in text
            yield listed.SerializeToString() if is_list else files

    handler = grpc.stream_stream_rpc_method_handler(info, ServerReflectionRequest.FromString)
    name = "grpc.reflection.v1.ServerReflection"
    methods = {"ServerReflectionInfo": handler}
    server, port = await start([grpc.method_handlers_generic_handler(name, methods)])
    try:
        assert await problem(port) == f"{UPSTREAM} {text}"
    finally:
        await server.stop(None)


async def test_an_overloaded_service_is_asked_again(contract: Contract, serve: Serve) -> None:
    server = Reflection(contract)
    server.failures = [grpc.StatusCode.UNAVAILABLE] * 2

    assert (await ask(await serve(server))).services == (contract.name("Shop"),)
    assert server.failures == []


async def test_a_service_that_comes_up_later_is_waited_for(
    contract: Contract, serve: Serve
) -> None:
    knocked = asyncio.Event()

    async def turn_away(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        knocked.set()

    door = await asyncio.start_server(turn_away, "127.0.0.1", 0)
    port = door.sockets[0].getsockname()[1]
    asking = asyncio.create_task(ask(port))
    await knocked.wait()
    door.close()
    await door.wait_closed()
    await serve(Reflection(contract), port=port)

    assert (await asking).services == (contract.name("Shop"),)


async def test_a_service_that_is_not_there_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

    refused = await problem(port, timeout_s=0.5)

    assert refused.startswith(f"{UPSTREAM} can not be reached within 0.5 s: UNAVAILABLE: ")
    assert f"127.0.0.1:{port}" in refused


async def test_a_service_that_is_silent_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        refused = await problem(silent.getsockname()[1], timeout_s=0.5)

    assert refused == f"{UPSTREAM} can not be reached within 0.5 s: no answer"
