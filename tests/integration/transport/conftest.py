"""The whole service over TLS, in memory, with certificates that tests replace while it runs."""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import httpx2
import jwt
import pytest
import pytest_asyncio
import uvloop
from certificates import Authority, Issued
from cryptography import x509

from dietcare.app import App, Overrides, build_app
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.serving import Addresses, serve
from dietcare.settings import Settings
from dietcare.v1 import service_pb2_grpc

PATIENCE_S = 20
USER = "507f1f77bcf86cd799439011"
SECRET = "correct horse battery staple, and some more of it"
QUARTER = timedelta(days=90)
NAMES = ("127.0.0.1", "localhost")


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], Any]]:
    """The loop that the service has in production."""
    return {"uvloop": uvloop.new_event_loop}


@dataclass
class Mount:
    """A folder as Kubernetes mounts a secret: links into `..data`, which is replaced at once."""

    folder: Path
    swaps: int = 0

    def put(self, issued: Issued, client_ca: bytes = b"") -> Issued:
        """Replace every file at once."""
        version = self.folder / f"..{self.swaps}"
        version.mkdir()
        issued.written(version)
        (version / "ca.pem").write_bytes(client_ca)
        new = self.folder / "..data_tmp"
        new.symlink_to(version.name)
        os.replace(new, self.folder / "..data")
        if not self.swaps:
            for name in ("tls.crt", "tls.key", "ca.pem"):
                (self.folder / name).symlink_to(f"..data/{name}")
        self.swaps += 1
        return issued


@dataclass(frozen=True)
class Agreed:
    """What a handshake came to."""

    version: str | None
    protocol: str | None
    serial: int


@dataclass
class Secured:
    """A running service, and how to reach it."""

    app: App
    addresses: Addresses
    authority: Authority
    mount: Mount
    token: str = field(default_factory=lambda: bearer(USER))

    def context(self, **changes: Any) -> ssl.SSLContext:
        """A client's side, which believes the authority."""
        context = ssl.create_default_context(cadata=self.authority.pem.decode())
        for name, value in changes.items():
            setattr(context, name, value)
        return context

    @asynccontextmanager
    async def http(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client with connections of its own."""
        async with httpx2.AsyncClient(
            base_url=f"https://{self.addresses.http}",
            headers={"authorization": self.token},
            verify=self.context(),
            trust_env=False,
        ) as client:
            yield client

    @asynccontextmanager
    async def stub(self, client: Issued | None = None) -> AsyncIterator[Any]:
        """Calls over a connection of its own, with a client's certificate or without."""
        async with self.channel(client) as channel:
            yield service_pb2_grpc.DietCareServiceStub(channel)

    def channel(self, client: Issued | None = None) -> grpc.aio.Channel:
        """A connection of its own."""
        shown = (client.key, client.chain) if client else (None, None)
        credentials = grpc.ssl_channel_credentials(self.authority.pem, *shown)
        own = [("grpc.use_local_subchannel_pool", 1)]
        return grpc.aio.secure_channel(self.addresses.grpc, credentials, own)

    async def handshake(self, address: str, context: ssl.SSLContext | None = None) -> Agreed:
        """Connect, and give what was agreed; raises ssl.SSLError where nothing was."""
        return await asyncio.to_thread(_handshake, address, context or self.context())

    async def heard(self, address: str, context: ssl.SSLContext) -> bytes:
        """The first byte after the handshake; empty where the server ends it instead."""
        return await asyncio.to_thread(_heard, address, context)

    async def serial(self, address: str, protocol: str) -> int:
        """Of the certificate that a new connection is shown."""
        context = self.context()
        context.set_alpn_protocols([protocol])
        return (await self.handshake(address, context)).serial

    async def serials(self) -> list[int]:
        """Of what REST and gRPC show."""
        return [
            await self.serial(self.addresses.http, "http/1.1"),
            await self.serial(self.addresses.grpc, "h2"),
        ]


def _handshake(address: str, context: ssl.SSLContext) -> Agreed:
    host, _, port = address.rpartition(":")
    with (
        socket.create_connection((host, int(port)), PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert(binary_form=True)
        assert shown is not None
        serial = x509.load_der_x509_certificate(shown).serial_number
        return Agreed(secured.version(), secured.selected_alpn_protocol(), serial)


def _heard(address: str, context: ssl.SSLContext) -> bytes:
    host, _, port = address.rpartition(":")
    with (
        suppress(ssl.SSLError, ConnectionError),
        socket.create_connection((host, int(port)), PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.recv(1)
    return b""


def bearer(subject: str) -> str:
    claims = {"sub": subject, "exp": int(time.time()) + 3_600}
    return f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"


@asynccontextmanager
async def _plainly(**changes: Any) -> AsyncIterator[tuple[App, Addresses]]:
    settings = Settings(
        _env_file=None,
        jwt_secret=SECRET,
        grpc_address="127.0.0.1:0",
        http_address="127.0.0.1:0",
        admin_address="127.0.0.1:0",
        openai_base_url="http://127.0.0.1:1/v1",
        limit_ip_per_minute=0,
        **changes,
    )
    async with (
        build_app(settings, Overrides(backend=MemoryBackend())) as app,
        serve(app) as addresses,
    ):
        yield app, addresses


@asynccontextmanager
async def _started(
    authority: Authority,
    folder: Path,
    client_ca: bytes = b"",
    ends_in: timedelta = QUARTER,
    **changes: Any,
) -> AsyncIterator[Secured]:
    mount = Mount(folder)
    mount.put(authority.issue(*NAMES, ends_in=ends_in), client_ca)
    async with _plainly(
        tls_cert=folder / "tls.crt",
        tls_key=folder / "tls.key",
        tls_client_ca=folder / "ca.pem" if client_ca else None,
        **changes,
    ) as (app, addresses):
        yield Secured(app, addresses, authority, mount)


Secure = Callable[..., AbstractAsyncContextManager[Secured]]


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def secure(authority: Authority, tmp_path: Path) -> Secure:
    """Starts a service with TLS; with `client_ca`, for clients of it alone over gRPC."""
    return partial(_started, authority, tmp_path)


@pytest.fixture
def start_plain() -> Callable[..., AbstractAsyncContextManager[tuple[App, Addresses]]]:
    """Starts a service without TLS."""
    return _plainly


@pytest.fixture(scope="module")
def start_secured(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Secure:
    """Starts a service with TLS for the tests of a module."""
    return partial(_started, authority, tmp_path_factory.mktemp("secured"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secured(start_secured: Secure) -> AsyncIterator[Secured]:
    """A service with TLS for everybody, whose certificate stays."""
    async with start_secured() as started:
        yield started
