"""A host for pictures: a real TLS server on loopback with an authority of its own."""

import asyncio
import contextlib
import io
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest
from certificates import Authority
from PIL import Image

from dietcare.vision.fetch import ImageFetcher

Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Contexts:
    """The server's side and the client's."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Contexts:
    authority = Authority()
    chain, key = authority.issue("pictures.example", "*.cdn.example").written(
        tmp_path_factory.mktemp("tls")
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, key)
    client = ssl.create_default_context(cadata=authority.pem.decode("ascii"))
    return Contexts(server, client)


@dataclass
class Host:
    """What the server has been asked, and what it answers."""

    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    handlers: dict[bytes, Handler] = field(default_factory=dict)

    def answers(self, path: str, status: str, body: bytes = b"", *headers: str) -> None:
        """Answer `path` with a whole response."""
        lines = [
            f"HTTP/1.1 {status}",
            f"content-length: {len(body)}",
            "connection: close",
            *headers,
        ]
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"

        async def handler(writer: asyncio.StreamWriter) -> None:
            writer.write(head + body)
            await writer.drain()

        self.handlers[path.encode()] = handler

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request)
            await self.handlers[request.split(b" ")[1]](writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
async def host(contexts: Contexts) -> AsyncIterator[Host]:
    """A TLS server for pictures.example and *.cdn.example."""
    host = Host()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(host.serve(reader, writer)))

    def named(tls: ssl.SSLObject | ssl.SSLSocket, name: str, context: ssl.SSLContext) -> None:
        host.names.append(name)

    contexts.server.sni_callback = named
    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=contexts.server)
    host.port = server.sockets[0].getsockname()[1]
    yield host
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.wait_closed()


Resolver = Callable[[str], Awaitable[Sequence[str]]]
MakeFetcher = Callable[..., ImageFetcher]


@pytest.fixture
def make_fetcher(contexts: Contexts, host: Host) -> MakeFetcher:
    """A fetcher that takes 127.0.0.1, and it alone, for the internet."""

    async def resolver(name: str) -> Sequence[str]:
        return ["127.0.0.1"]

    def make(
        *allowed: str, resolver: Resolver = resolver, total_s: float = 10.0, stall_s: float = 5.0
    ) -> ImageFetcher:
        return ImageFetcher(
            allowed or ("pictures.example", "*.cdn.example"),
            resolver=resolver,
            ssl_context=contexts.client,
            address_allowed=lambda address: address == "127.0.0.1",
            port=host.port,
            total_timeout_s=total_s,
            stall_timeout_s=stall_s,
        )

    return make


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A small JPEG with something to see."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def another_photo() -> bytes:
    """One with something else."""
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()
