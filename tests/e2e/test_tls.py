"""TLS as operators and developers meet it: the panel, grpcurl, the gateway as a process."""

import asyncio
import contextlib
import json
import re
import signal
import socket
import ssl
import sys
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from certificates import Authority

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
AUTHORITY = Authority("dietcare.example")
INTERNAL = Authority("internal services")
NAMES = ("127.0.0.1", "localhost")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secured(quick_dir):
    """`python server.py` with TLS, for internal services alone over gRPC."""
    async with sys.modules["e2e_processes"].Programs(quick_dir) as programs:
        folder = programs.folder()
        AUTHORITY.issue(*NAMES).written(folder)
        INTERNAL.issue("developer").written(folder, "CLIENT")
        yield await programs.serve(
            folder,
            DIETCARE_TLS_CERT=str(folder / "tls.crt"),
            DIETCARE_TLS_KEY=str(folder / "tls.key"),
            DIETCARE_TLS_CLIENT_CA=str(INTERNAL.written(folder, "internal")),
            DIETCARE_HTTP_ADDRESS=f"127.0.0.1:{sys.modules['e2e_support'].quiet_port()}",
        )


@pytest.fixture
def context():
    """Believes the authority of the service."""
    return ssl.create_default_context(cadata=AUTHORITY.pem.decode())


@pytest.fixture
def http(secured, context):
    return httpx2.AsyncClient(
        base_url=secured.panel.rest,
        headers={"authorization": f"Bearer {secured.panel.token}"},
        verify=context,
        trust_env=False,
        timeout=30,
    )


async def test_the_panel_says_https_and_its_commands_work_as_printed(secured, programs):
    assert re.fullmatch(r"https://127\.0\.0\.1:[0-9]+/api/diet", secured.panel.rest)
    assert secured.panel.docs.startswith("https://")
    (grpcurl,) = [line for line in secured.panel.commands if "grpcurl -cacert " in line]
    (curl,) = [line for line in secured.panel.commands if line.startswith("curl ")]

    code, called = await programs.run("sh", "-c", grpcurl, folder=secured.folder)
    assert code == 0, called.err.text
    assert json.loads(called.out.text)["streak"]["current_streak"] == 7

    code, called = await programs.run("sh", "-c", curl, folder=secured.folder)
    assert code == 0, called.err.text
    assert json.loads(called.out.text)["success"] is True


@pytest.mark.parametrize("options", ["-plaintext", "-cacert tls.crt", "-cacert internal.pem"])
async def test_grpcurl_without_what_the_panel_says_gets_nothing(secured, programs, options):
    (command,) = [line for line in secured.panel.commands if "grpcurl" in line]
    changed = re.sub(r"-cacert \S+ -cert \S+ -key \S+", f"-connect-timeout 1 {options}", command)
    assert changed != command

    code, called = await programs.run("sh", "-c", changed, folder=secured.folder)

    assert code != 0
    assert called.out.text == ""


async def test_a_sample_picture_is_fetched_from_the_service_itself(secured, http):
    url = secured.panel.docs.replace("/docs", "/samples/")
    async with http:
        name = sorted(path.name for path in (ROOT / "samples").glob("*.jpg"))[0]
        answer = await http.post("/analyze", json={"image_url": url + name})
    assert answer.status_code == 200, answer.text


async def test_a_handshake_that_fails_leaves_no_line(secured, http):
    host, _, port = secured.panel.grpc.rpartition(":")
    for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b""):
        with socket.create_connection((host, int(port)), PATIENCE_S) as plain:
            plain.sendall(sent)
            plain.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                await asyncio.to_thread(plain.recv, 1)
    async with http:
        await http.get("/streak", headers={"x-request-id": "after-the-handshakes"})
    await secured.err.wait_for("after-the-handshakes")
    assert "andshake failed" not in secured.err.text


async def test_a_gateway_of_its_own_speaks_tls_both_ways(secured, programs, context):
    folder = programs.folder()
    AUTHORITY.issue(*NAMES).written(folder, "gateway")
    AUTHORITY.written(folder)
    INTERNAL.issue("gateway").written(folder, "client")
    options = "--ca ca.pem --cert client.crt --key client.key"
    async with gateway(secured, programs, folder, options) as url:
        token = {"authorization": f"Bearer {secured.panel.token}"}
        async with httpx2.AsyncClient(
            base_url=url, headers=token, verify=context, trust_env=False
        ) as client:
            answer = await client.get("/api/diet/streak")
            missing = await client.get("/nowhere")
        assert answer.status_code == 200, answer.text
        for each in (answer, missing):
            assert each.headers["strict-transport-security"] == "max-age=31536000"
            assert each.headers["x-content-type-options"] == "nosniff"

        replaced = AUTHORITY.issue(*NAMES)
        replaced.written(folder, "gateway")
        assert await asyncio.to_thread(_shown, url) == replaced.chain.decode()


@pytest.mark.parametrize("options", ["--ca ca.pem", "--tls", "--ca client.crt", ""])
async def test_a_gateway_without_the_right_files_never_starts(secured, programs, options):
    folder = programs.folder()
    AUTHORITY.written(folder)
    INTERNAL.issue("gateway").written(folder, "client")
    command = [*_command(secured), "--startup-timeout-s", "1", *options.split()]

    code, program = await programs.run(*command, folder=folder, PYTHONPATH=str(ROOT))

    assert code == 2
    assert "can not be reached within 1" in program.err.lines[-1]


@contextlib.asynccontextmanager
async def gateway(secured, programs, folder, options):
    served = "--listen-cert gateway.crt --listen-key gateway.key"
    command = [*_command(secured), *options.split(), *served.split()]
    program = await programs.start(*command, folder=folder, PYTHONPATH=str(ROOT))
    line = await program.err.wait_for(" -> ")
    yield re.search(r"https://127\.0\.0\.1:[0-9]+", line)[0]
    assert await program.stop(signal.SIGTERM) in (0, -signal.SIGTERM)


def _command(secured):
    upstream = ("--upstream", secured.panel.grpc, "--listen", "127.0.0.1:0")
    return [sys.executable, "-m", "gateway", *upstream]


def _shown(url):
    host, port = url.removeprefix("https://").split(":")
    return ssl.get_server_certificate((host, int(port)))
