"""Fixtures of the conformance suite: a service that knows nothing of diets, behind the gateway."""

from __future__ import annotations

import importlib
import importlib.util
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import google.api
import grpc
import pytest
import pytest_asyncio
from grpc_interceptor.server import AsyncServerInterceptor
from grpc_tools import protoc

from gateway import Api, ChannelDispatcher, Gateway, GatewayOptions, LocalDispatcher, Refused
from gateway.http import Response
from gateway.http_server import listening
from gateway.status import Metadata

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROTO = "conformance/v1/library.proto"
SERVICE = "conformance.v1.Library"


def _load(name: str) -> ModuleType:
    """Import a file beside this one: tests are no package."""
    spec = importlib.util.spec_from_file_location(f"conformance_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """The generated modules and the descriptors of the test service."""
    out = tmp_path_factory.mktemp("conformance")
    third_party = Path(next(iter(google.api.__path__))).parents[1]
    arguments = [
        "protoc",
        f"-I{ROOT / 'protos'}",
        f"-I{HERE / 'protos'}",
        f"-I{third_party}",
        f"--python_out={out}",
        f"--grpc_python_out={out}",
        f"--descriptor_set_out={out / 'set.binpb'}",
        "--include_imports",
        "--include_source_info",
        PROTO,
    ]
    assert protoc.main([*arguments, f"-I{Path(protoc.__file__).parent / '_proto'}"]) == 0
    sys.path.insert(0, str(out))
    yield SimpleNamespace(
        pb=importlib.import_module("conformance.v1.library_pb2"),
        grpc=importlib.import_module("conformance.v1.library_pb2_grpc"),
        descriptors=(out / "set.binpb").read_bytes(),
    )
    sys.path.remove(str(out))


@pytest.fixture(scope="session")
def api(library: SimpleNamespace) -> Api:
    return Api.load(library.descriptors, [SERVICE])


@pytest.fixture(scope="session")
def client() -> ModuleType:
    return _load("client")


@pytest.fixture(scope="session")
def service() -> ModuleType:
    return _load("service")


class Marking(AsyncServerInterceptor):  # type: ignore[misc]
    """Proves that interceptors run: it refuses one token."""

    async def intercept(
        self, method: Any, request_or_iterator: Any, context: Any, method_name: str
    ) -> Any:
        metadata = {pair.key: pair.value for pair in context.invocation_metadata()}
        if metadata.get("authorization") == "Bearer refused":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, f"refused for {method_name}")
        result = method(request_or_iterator, context)
        return result if hasattr(result, "__aiter__") else await result


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servicer(library: SimpleNamespace, service: ModuleType) -> Any:
    return service.make_servicer(library.pb, library.grpc)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def local(library: SimpleNamespace, servicer: Any) -> LocalDispatcher:
    return await LocalDispatcher.build(
        lambda server: library.grpc.add_LibraryServicer_to_server(servicer, server), [Marking()]
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def channel(library: SimpleNamespace, servicer: Any) -> AsyncIterator[ChannelDispatcher]:
    server = grpc.aio.server(interceptors=[Marking()], options=[("grpc.so_reuseport", 0)])
    library.grpc.add_LibraryServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as opened:
        yield ChannelDispatcher(opened)
    await server.stop(None)


async def hello(request: Any) -> Response:
    """A page."""
    if request.query == "crash":
        raise ValueError("a secret from a page")
    return Response(200, {"content-type": "text/plain"}, f"hello {request.path}".encode())


async def on_refusal(refused: Refused) -> Metadata:
    """What is left to the caller, as far as that is known."""
    if refused.method is None:
        return ()
    known = "authorization" in dict(refused.metadata)
    return (("x-ratelimit-limit", "7"), ("x-ratelimit-remaining", "3" if known else "0"))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local", "channel"])
async def app(request: pytest.FixtureRequest, api: Api, local: Any, channel: Any) -> Gateway:
    """The gateway over each dispatcher."""
    dispatcher = local if request.param == "local" else channel
    options = GatewayOptions(
        realm="library", cors_origins=("https://app.example",), max_timeout_s=60
    )
    return Gateway(api, dispatcher, options, {"/hello": hello}, on_refusal)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asgi(app: Gateway, client: ModuleType) -> Any:
    return client.AsgiClient(app)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port(app: Gateway) -> AsyncIterator[int]:
    """The same application on a socket."""
    # With its protocol named: only then does asyncio send small pieces without waiting for more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    with listener:
        listener.listen(100)
        async with listening(app, listener):
            yield listener.getsockname()[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tcp(port: int, client: ModuleType) -> Any:
    return client.TcpClient(port)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ways(asgi: Any, tcp: Any, port: int, client: ModuleType) -> dict[str, Any]:
    """Every way to send the same request."""
    return {
        "in process": asgi,
        "one by one": tcp,
        "kept alive": client.KeepAliveClient(port),
        "pipelined": client.PipeliningClient(port),
        "fragmented": client.FragmentingClient(port),
    }
