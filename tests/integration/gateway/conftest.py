"""A bookshop behind the gateway, set up as gateway/README.md says."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import httpx2
import pytest
import pytest_asyncio
from grpc_reflection.v1alpha import reflection

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
README = (ROOT / "gateway" / "README.md").read_text()
SERVICE = "acme.v1.Shop"
PATIENCE_S = 30
_ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
_ENV["PATH"] = f"{Path(sys.executable).parent}:{_ENV['PATH']}"


def blocks(language: str) -> list[str]:
    """What gateway/README.md shows in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A developer's folder, after the commands of the README."""
    home = tmp_path_factory.mktemp("shop")
    shutil.copytree(HERE / "protos", home / "protos")
    shutil.copytree(ROOT / "protos" / "gateway", home / "protos" / "gateway")
    generate = blocks("sh")[0]
    assert "protoc" in generate
    subprocess.run(["sh", "-ec", generate], cwd=home, env=_ENV, check=True, timeout=60)
    return home


@pytest.fixture(scope="session")
def shop(folder: Path) -> Iterator[SimpleNamespace]:
    """The names that the README's Python defines, the generated modules and a way to a servicer."""
    sys.path.insert(0, str(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names: dict[str, Any] = {}
        exec(compile(blocks("python")[0], "gateway/README.md", "exec"), names)  # noqa: S102
    spec = importlib.util.spec_from_file_location("shop_servicer", HERE / "shop.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield SimpleNamespace(
        **{name: names[name] for name in ("in_process", "before")},
        grpc=importlib.import_module("acme.v1.shop_pb2_grpc"),
        servicer=lambda: module.make_servicer(
            importlib.import_module("acme.v1.shop_pb2"),
            importlib.import_module("acme.v1.shop_pb2_grpc"),
        ),
    )
    sys.path.remove(str(folder))


@pytest_asyncio.fixture
async def server(shop: SimpleNamespace) -> AsyncIterator[str]:
    """The shop on a port of its own, with server reflection; gives its address."""
    serving = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    shop.grpc.add_ShopServicer_to_server(shop.servicer(), serving)
    reflection.enable_server_reflection([SERVICE, reflection.SERVICE_NAME], serving)
    port = serving.add_insecure_port("127.0.0.1:0")
    await serving.start()
    yield f"127.0.0.1:{port}"
    await serving.stop(None)


@asynccontextmanager
async def standalone(command: str, folder: Path) -> AsyncIterator[str]:
    """Run a command line that starts a gateway; gives the URL that it prints."""
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f"exec {command}"), cwd=folder, env=_ENV, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            printed = ""
            while "->" not in printed:
                line = (await process.stderr.readline()).decode()
                assert line, printed
                printed += line
        yield printed.split()[-3]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@pytest.fixture
def command(server: str) -> Callable[[int], str]:
    """The README's n-th command line that starts a gateway, before the server of this test."""
    lines = [line for line in "".join(blocks("sh")[1:]).splitlines() if "-m gateway" in line]

    def line(number: int) -> str:
        assert "shop:50051" in lines[number]
        return f"{lines[number].replace('shop:50051', server)} --listen 127.0.0.1:0"

    return line


WAYS = ("in process", "channel", "reflection", "descriptors")


@pytest_asyncio.fixture(params=WAYS)
async def http(
    request: pytest.FixtureRequest,
    shop: SimpleNamespace,
    server: str,
    command: Callable[[int], str],
    folder: Path,
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the shop's REST API, served in each of the ways that the README shows."""
    async with AsyncExitStack() as stack:
        transport, url = None, "http://shop"
        if request.param == "in process":
            transport = httpx2.ASGITransport(await shop.in_process(shop.servicer()))
        elif request.param == "channel":
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(server))
            transport = httpx2.ASGITransport(shop.before(channel))
        else:
            number = ("reflection", "descriptors").index(request.param)
            url = await stack.enter_async_context(standalone(command(number), folder))
        client = httpx2.AsyncClient(
            transport=transport, base_url=url, trust_env=False, timeout=PATIENCE_S
        )
        yield await stack.enter_async_context(client)
