"""`python -m gateway`, and the pages that it serves."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_reflection.v1alpha import reflection
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from gateway import Api
from gateway.__main__ import main
from gateway.docs import documentation_pages

SERVICE = "conformance.v1.Library"
CASES = [
    case
    for file in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for case in tomllib.loads(file.read_text())["case"]
]


@pytest.fixture
def descriptors(library: Any, tmp_path: Path) -> str:
    file = tmp_path / "set.binpb"
    file.write_bytes(library.descriptors)
    return str(file)


def arguments(descriptors: str, *more: str) -> list[str]:
    return ["--upstream", "127.0.0.1:1", "--descriptors", descriptors, "--service", SERVICE, *more]


async def test_the_pages_of_the_process(descriptors: str, client: Any) -> None:
    answers: dict[str, Any] = {}
    async with running(*arguments(descriptors, "--listen", "127.0.0.1:0")) as port:
        for path in (
            "/livez",
            "/readyz",
            "/openapi.json",
            "/docs",
            "/docs/start.js",
            "/docs/swagger-ui.css",
            "/v1/books/newest",
        ):
            answers[path] = await client.TcpClient(port).send("GET", path)
    assert answers["/livez"].status == 200
    assert answers["/readyz"].status == 503
    assert answers["/openapi.json"].json["openapi"] == "3.1.0"
    assert b'url: "/openapi.json"' in answers["/docs/start.js"].body
    assert b"/docs/swagger-ui-bundle.js" in answers["/docs"].body
    assert "default-src 'self'" in answers["/docs"].headers["content-security-policy"]
    assert answers["/docs/swagger-ui.css"].headers["content-type"] == "text/css"
    assert answers["/v1/books/newest"].status == 503
    assert "127.0.0.1" not in answers["/v1/books/newest"].body.decode()


# `python -m gateway`, but for a fault that quotes what it failed on.
FAULTY = """
import runpy, sys
from gateway.app import Gateway
async def fail(gateway, exchange):
    raise RuntimeError(exchange.raw_path)
Gateway._serve = fail
runpy.run_module("gateway", run_name="__main__", alter_sys=True)
"""


async def test_what_fails_in_it_is_logged_without_a_value(descriptors: str, client: Any) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FAULTY, "--listen", "127.0.0.1:0"),
        *arguments(descriptors),
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stderr is not None
    async with asyncio.timeout(20):
        port = int((await process.stderr.readline()).split(b" ")[0].rpartition(b":")[2])
        answer = await client.TcpClient(port).send("GET", "/v1/books/kanarienvogel")
        process.terminate()
        _, log = await process.communicate()
    assert answer.status == 500
    assert b"the gateway failed ['RuntimeError'] [" in log
    assert b"kanarienvogel" not in log
    assert b"Traceback" not in log


async def test_a_service_that_nobody_called_yet_is_ready(
    library: Any, service: Any, client: Any, descriptors: str
) -> None:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    library.grpc.add_LibraryServicer_to_server(
        service.make_servicer(library.pb, library.grpc), server
    )
    upstream = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    chosen = ("--upstream", upstream, "--descriptors", descriptors, "--service", SERVICE)
    try:
        async with running(*chosen) as port:
            first = await client.TcpClient(port).send("GET", "/readyz")
    finally:
        await server.stop(None)
    assert (first.status, first.body) == (200, b"ok\n")


async def test_it_listens_on_ipv6_too(descriptors: str) -> None:
    process = await start(*arguments(descriptors, "--listen", "[::1]:0"))
    assert process.stderr is not None
    async with asyncio.timeout(20):
        line = await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert line.startswith(b"http://[::1]:")
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--service", "no.Such"], "no service no.Such"),
        (["--listen", "nowhere"], "nowhere is no HOST:PORT"),
        (["--listen", ":99999"], ":99999 is no HOST:PORT"),
        (["--listen", "127.0.0.1:99999"], "127.0.0.1:99999 is no HOST:PORT"),
        (["--listen", "127.0.0.1:-1"], "127.0.0.1:-1 is no HOST:PORT"),
        (["--listen", "127.0.0.1:٣"], "127.0.0.1:٣ is no HOST:PORT"),
        (["--listen", "no.such.host.invalid:80"], "can not listen on no.such.host.invalid:80"),
        (["--listen", "192.0.2.1:80"], "can not listen on 192.0.2.1:80"),
        (["--descriptors", "/no/such/file"], "/no/such/file"),
        (["--descriptors", __file__], "not a FileDescriptorSet"),
        (["--ca", "/no/such/ca"], "/no/such/ca can not be read"),
        (["--cert", __file__], "--cert and --key go together"),
        (["--listen-key", __file__], "--listen-cert and --listen-key go together"),
        (["--listen-cert", __file__, "--listen-key", __file__], "holds no certificate in PEM"),
        (["--cert", __file__, "--key", __file__], "holds no certificate in PEM"),
    ],
)
def test_what_can_not_be_served_is_said_in_one_line(
    descriptors: str, more: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(descriptors, *more)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert text in line


def test_an_upstream_that_is_to_tell_its_contract_is_waited_for_in_vain(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--upstream", "127.0.0.1:1", "--startup-timeout-s", "0.3"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "127.0.0.1:1 can not be reached within 0.3 s" in line


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "soon"])
def test_a_time_to_wait_that_is_none_is_refused(
    seconds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["--upstream", "127.0.0.1:1", "--startup-timeout-s", seconds])
    assert refused.value.code == 2
    assert "--startup-timeout-s" in capsys.readouterr().err


def test_unasked_the_services_of_the_descriptors_are_served_that_have_a_route(
    library: Any, descriptors: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [service.full_name for service in Api.load(library.descriptors).services] == [SERVICE]
    empty = tmp_path / "empty.binpb"
    empty.touch()
    assert main(["--upstream", "127.0.0.1:1", "--descriptors", str(empty)]) == 2
    assert "no service has a route" in capsys.readouterr().err


def test_a_route_that_is_there_twice_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = FileDescriptorProto(name="twice.proto", package="twice", syntax="proto3")
    file.dependency.extend(("google/api/annotations.proto", "google/protobuf/empty.proto"))
    service = file.service.add(name="Twice")
    for name in ("A", "B"):
        empty = ".google.protobuf.Empty"
        method = service.method.add(name=name, input_type=empty, output_type=empty)
        method.options.Extensions[annotations_pb2.http].get = "/v1/same"
    described = tmp_path / "twice.binpb"
    described.write_bytes(FileDescriptorSet(file=[file]).SerializeToString())
    assert main(["--upstream", "127.0.0.1:1", "--descriptors", str(described)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "twice.Twice.B and twice.Twice.A have the same route: GET /v1/same" in line


def test_a_service_that_is_named_twice_is_served_once(library: Any) -> None:
    api = Api.load(library.descriptors, [SERVICE, SERVICE])
    assert [service.full_name for service in api.services] == [SERVICE]


def test_without_swagger_ui_the_page_says_so(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "swagger_ui_bundle", None)
    pages = documentation_pages(api)
    assert set(pages) == {"/docs", "/openapi.json"}
    page: Any = pages["/docs"](None)  # type: ignore[arg-type]
    assert b"not installed" in asyncio.run(page).body


async def test_a_process_of_its_own_by_reflection_is_the_one_by_descriptors(
    library: Any, service: Any, client: Any, descriptors: str
) -> None:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    servicer = service.make_servicer(library.pb, library.grpc)
    library.grpc.add_LibraryServicer_to_server(servicer, server)
    reflection.enable_server_reflection([SERVICE, reflection.SERVICE_NAME], server)
    upstream = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        async with (
            running("--upstream", upstream) as learned,
            running("--upstream", upstream, "--descriptors", descriptors) as given,
        ):
            for case in CASES:
                answers = [await send(case, client, port) for port in (learned, given)]
                assert answers[0] == answers[1], case["name"]
    finally:
        await server.stop(None)


async def test_reflection_is_not_asked_for_what_everybody_has(
    library: Any, service: Any, client: Any
) -> None:
    """Some services give their own files alone."""
    own = FileDescriptorProto()
    library.pb.DESCRIPTOR.CopyToProto(own)

    async def info(requests: Any, context: Any) -> AsyncIterator[Any]:
        async for request in requests:
            answer = ServerReflectionResponse()
            if request.HasField("list_services"):
                answer.list_services_response.service.add(name=SERVICE)
            elif request.HasField("file_containing_symbol"):
                files = answer.file_descriptor_response.file_descriptor_proto
                files.append(own.SerializeToString())
            else:
                answer.error_response.error_code = grpc.StatusCode.NOT_FOUND.value[0]
            yield answer.SerializeToString()

    handler = grpc.stream_stream_rpc_method_handler(info, ServerReflectionRequest.FromString)
    methods = {"ServerReflectionInfo": handler}
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    library.grpc.add_LibraryServicer_to_server(
        service.make_servicer(library.pb, library.grpc), server
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("grpc.reflection.v1.ServerReflection", methods),)
    )
    upstream = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        async with running("--upstream", upstream) as port:
            answer = await client.TcpClient(port).send("GET", "/v1/books/newest")
    finally:
        await server.stop(None)
    assert answer.status == 200


async def test_ctrl_c_ends_the_waiting_for_an_upstream_without_a_traceback() -> None:
    knocked = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        process = await start("--upstream", f"127.0.0.1:{port}", "--startup-timeout-s", "60")
        async with asyncio.timeout(20):
            await knocked.wait()
            process.send_signal(signal.SIGINT)
            _, printed = await process.communicate()
    assert (process.returncode, printed) == (130, b"")


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "--listen", "127.0.0.1:0", *arguments),
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


@asynccontextmanager
async def running(*arguments: str) -> AsyncIterator[int]:
    """`python -m gateway` on a port of its own; gives it as soon as the process listens."""
    process = await start(*arguments)
    assert process.stderr is not None
    try:
        async with asyncio.timeout(20):
            line = (await process.stderr.readline()).decode()
        listening = re.match(r"http://127\.0\.0\.1:([0-9]+) -> ", line)
        assert listening, line
        yield int(listening[1])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
    assert process.returncode in (0, -15)


async def send(case: dict[str, Any], client: Any, port: int) -> tuple[int, dict[str, str], bytes]:
    """An answer without what differs each time: its id, its time, and the client's own port."""
    method, target, headers, body = client.request_of(case)
    if not any(name == "x-request-id" for name, _ in headers):
        headers.append(("x-request-id", "same"))
    answer = await client.TcpClient(port).send(method, target, headers, body)
    answer.headers.pop("date", None)
    if answer.headers["x-request-id"].startswith("req_"):
        answer.body = answer.body.replace(answer.headers.pop("x-request-id").encode(), b"")
    answer.body = re.sub(rb"127\.0\.0\.1:[0-9]+|\"time_remaining_s\":[0-9.]+", b"", answer.body)
    answer.headers.pop("content-length", None)
    if target.startswith(("/v1/stream", "/v1/pieces")):
        # grpc.aio loses the initial metadata of a stream at times that ends without a message.
        for name in ("x-ratelimit-limit", "etag", "cache-control"):
            answer.headers.pop(name, None)
    return answer.status, answer.headers, answer.body
