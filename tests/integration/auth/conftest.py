"""An identity provider on loopback that publishes keys, and signs tokens with any of them."""

import asyncio
import json
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from dietcare.auth.jwks import JwksKeys, open_jwks
from dietcare.auth.tokens import TokenVerifier
from dietcare.clock import Clock
from dietcare.errors import AuthenticationError

ALGORITHMS = ("RS256", "ES256", "EdDSA")


class SetClock(Clock):
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self._at = datetime(2025, 11, 27, 3, tzinfo=UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


class Signer:
    """A key pair with an id; None for none."""

    def __init__(self, algorithm: str = "ES256", kid: str | None = "", bits: int = 2_048) -> None:
        self.algorithm = algorithm
        self.kid = uuid.uuid4().hex if kid == "" else kid
        make = {
            "RS256": lambda: rsa.generate_private_key(65_537, bits),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }
        self._private: Any = make[algorithm]()

    def public(self, **changes: Any) -> dict[str, Any]:
        """The public key as a member of a key set."""
        to_jwk = jwt.get_algorithm_by_name(self.algorithm).to_jwk
        said: Any = to_jwk(self._private.public_key(), as_dict=True)
        return {**said, **({} if self.kid is None else {"kid": self.kid}), **changes}

    def private(self) -> dict[str, Any]:
        """Both halves of the key, as nobody should publish them."""
        said: Any = jwt.get_algorithm_by_name(self.algorithm).to_jwk(self._private, as_dict=True)
        return {**said, "kid": self.kid}

    def token(self, **claims: Any) -> str:
        headers = {} if self.kid is None else {"kid": self.kid}
        return jwt.encode(claims, self._private, self.algorithm, headers)


class Provider:
    """Answers every request with its keys, or as a test says; counts the requests."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.status = "200 OK"
        self.headers = ""
        self.body: bytes | None = None
        self.requests = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.asked = asyncio.Event()
        self.trickles = False
        self.url = ""
        self.tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self._port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self._port, ssl=self.tls
        )
        self._port = self._server.sockets[0].getsockname()[1]
        self.url = f"http{'s' if self.tls else ''}://127.0.0.1:{self._port}/jwks"

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._answering)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Clients may leave whenever they like.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = self.body if self.body is not None else json.dumps({"keys": self.keys}).encode()
        self.requests += 1
        self.asked.set()
        await self.hold.wait()
        length = "" if self.trickles else f"content-length: {len(body)}\r\n"
        head = f"HTTP/1.1 {self.status}\r\n{length}{self.headers}"
        writer.write(f"{head}connection: close\r\n\r\n".encode())
        while self.trickles and not reader.at_eof():
            writer.write(b" ")
            await asyncio.sleep(0.005)
        writer.write(body)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    await made.start()
    yield made
    made.hold.set()
    made.trickles = False
    await made.stop()


@pytest.fixture
async def keys(provider: Provider, clock: Any) -> AsyncIterator[JwksKeys]:
    async with open_jwks(provider.url, ALGORITHMS, clock) as opened:
        yield opened


@pytest.fixture
def verifier(keys: JwksKeys, clock: Any) -> TokenVerifier:
    return TokenVerifier(keys, clock)


@pytest.fixture
def settled(provider: Provider) -> Callable[[int], Awaitable[None]]:
    """Waits until so many requests have come, and their answers have arrived."""

    async def wait(requests: int) -> None:
        async with asyncio.timeout(10):
            while provider.requests < requests:
                provider.asked.clear()
                await provider.asked.wait()
            fetching = [t for t in asyncio.all_tasks() if t.get_coro().__name__ == "_fetch"]
            await asyncio.gather(*fetching)

    return wait


@pytest.fixture
def refused(verifier: TokenVerifier) -> Callable[[str], Awaitable[None]]:
    """Sees that a token is refused as a bad one."""

    async def see(token: str) -> None:
        with pytest.raises(AuthenticationError):
            await verifier.verify(token)

    return see


@pytest.fixture
def new_signer() -> type[Signer]:
    return Signer


@pytest.fixture
def claims(clock: Any) -> dict[str, Any]:
    """Of a good token that holds for two days."""
    return {"sub": "507f1f77bcf86cd799439011", "exp": int(clock.now().timestamp()) + 172_800}
