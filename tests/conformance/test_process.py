"""`python -m gateway`, and the pages that it serves."""

from __future__ import annotations

import asyncio
import builtins
import json
import socket
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
import uvicorn

from gateway.__main__ import main
from gateway.docs import documentation_pages

SERVICE = "conformance.v1.Library"


@pytest.fixture
def descriptors(library: Any, tmp_path: Path) -> str:
    file = tmp_path / "set.binpb"
    file.write_bytes(library.descriptors)
    return str(file)


def arguments(descriptors: str, *more: str) -> list[str]:
    return ["--upstream", "127.0.0.1:1", "--descriptors", descriptors, "--service", SERVICE, *more]


def test_the_pages_of_the_process(
    descriptors: str, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[str, Any] = {}

    async def serve(server: uvicorn.Server) -> None:
        asgi = client.AsgiClient(server.config.app)
        for path in (
            "/livez",
            "/readyz",
            "/openapi.json",
            "/docs",
            "/docs/start.js",
            "/docs/openapi.json",
            "/docs/swagger-ui.css",
            "/v1/books/newest",
        ):
            answers[path] = await asgi.send("GET", path)
            answers[path] = await asgi.send("GET", path)

    monkeypatch.setattr(uvicorn.Server, "serve", serve)
    assert main(arguments(descriptors, "--listen", "[::1]:0")) == 0
    assert answers["/livez"].status == 200
    assert answers["/readyz"].status == 503
    assert answers["/openapi.json"].json["openapi"] == "3.1.0"
    assert answers["/docs/openapi.json"].json["openapi"] == "3.0.3"
    assert b"/docs/swagger-ui-bundle.js" in answers["/docs"].body
    assert "default-src 'self'" in answers["/docs"].headers["content-security-policy"]
    assert answers["/docs/swagger-ui.css"].headers["content-type"] == "text/css"
    assert answers["/v1/books/newest"].status == 503
    assert "127.0.0.1" not in answers["/v1/books/newest"].body.decode()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--service", "no.Such"], "no service no.Such"),
        (["--listen", "nowhere"], "nowhere is no HOST:PORT"),
        (["--descriptors", "/no/such/file"], "/no/such/file"),
        (["--descriptors", __file__], "not a FileDescriptorSet"),
        (["--tls-ca", "/no/such/ca"], "/no/such/ca"),
    ],
)
def test_what_can_not_be_served_is_said_in_one_line(
    descriptors: str, more: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(descriptors, *more)) == 2
    assert text in capsys.readouterr().err


def test_without_swagger_ui_the_page_says_so(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "swagger_ui_bundle", None)
    pages = documentation_pages(api)
    assert set(pages) == {"/docs", "/openapi.json"}
    page: Any = pages["/docs"](None)  # type: ignore[arg-type]
    assert b"not installed" in asyncio.run(page).body


async def test_a_process_of_its_own(
    library: Any, service: Any, client: Any, descriptors: str
) -> None:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    servicer = service.make_servicer(library.pb, library.grpc)
    library.grpc.add_LibraryServicer_to_server(servicer, server)
    upstream = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    command = [sys.executable, "-m", "gateway", *arguments(descriptors)]
    command += ["--upstream", f"127.0.0.1:{upstream}", "--listen", f"127.0.0.1:{port}"]
    process = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        async with asyncio.timeout(20):
            answer = await _first_answer(client.TcpClient(port), process)
        assert answer.status == 200
        assert json.loads(answer.body) == {"ok": True, "method": "Newest"}
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
        await server.stop(None)
    assert process.returncode in (0, -15)


async def _first_answer(tcp: Any, process: Any) -> Any:
    while True:
        try:
            return await tcp.send("GET", "/v1/books/newest")
        except builtins.ConnectionRefusedError:
            assert process.returncode is None, await process.stderr.read()
            await asyncio.sleep(0.05)
