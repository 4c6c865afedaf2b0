"""A service over memory, on real sockets, whose vision model does what a test says."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import httpx2
import jwt
import pytest

from dietcare.app import App, Overrides, build_app
from dietcare.clock import Clock, SystemClock
from dietcare.serving import Addresses, serve
from dietcare.settings import Settings
from dietcare.v1 import service_pb2_grpc
from dietcare.vision.port import Picture, PictureReader, Sighting, VisionModel

SECRET = "s" * 40
PICTURE = b"a picture"
NOTHING_SEEN = Sighting((), "a-model", "1", 1, 1)
LIMIT_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


class StoppedClock(Clock):
    """No window ends while a test runs."""

    def __init__(self) -> None:
        self._now = SystemClock().now()

    def now(self) -> datetime:
        return self._now


class Pictures(PictureReader):
    """Takes any bytes for a picture."""

    async def from_url(self, url: str) -> Picture:
        return Picture(PICTURE, "0" * 64)

    async def from_bytes(self, data: bytes) -> Picture:
        return Picture(data, os.urandom(32).hex())


class Vision(VisionModel):
    """Answers, fails or hangs; `looking` is set once it was asked."""

    def __init__(self) -> None:
        self.answer: Sighting | Exception | None = NOTHING_SEEN
        self.looking = asyncio.Event()

    async def look(self, picture: Picture) -> Sighting:
        self.looking.set()
        if self.answer is None:
            await asyncio.Event().wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        assert self.answer is not None
        return self.answer


@dataclass
class Service:
    """The running service, and a user of it."""

    app: App
    addresses: Addresses
    vision: Vision
    http: httpx2.AsyncClient
    stub: Any

    def token(self, subject: str, **claims: Any) -> str:
        return jwt.encode({"sub": subject, "exp": 4_102_444_800, **claims}, SECRET, "HS256")


class User:
    """Somebody whom nobody else knows."""

    def __init__(self, service: Service, **claims: Any) -> None:
        self.id = os.urandom(12).hex()
        self.service = service
        self.bearer = f"Bearer {service.token(self.id, **claims)}"

    async def send(self, method: str, path: str, **rest: Any) -> httpx2.Response:
        headers = {"authorization": self.bearer, **rest.pop("headers", {})}
        url = f"/api/diet{path}"
        return await self.service.http.request(method, url, headers=headers, **rest)

    async def analyze(self, **rest: Any) -> httpx2.Response:
        body = {"image_data": base64.b64encode(PICTURE).decode()}
        return await self.send("POST", "/analyze", json=body, **rest)

    def call(self, rpc: str, request: Any, **rest: Any) -> Any:
        metadata = (("authorization", self.bearer), *rest.pop("metadata", ()))
        return getattr(self.service.stub, rpc)(request, metadata=metadata, **rest)

    async def left(self) -> dict[str, int]:
        """What is left of each limit, by GetQuota."""
        answer = await self.send("GET", "/quota")
        assert answer.status_code == 200, answer.text
        return {name: each["remaining"] for name, each in answer.json()["quota"].items()}

    async def gets_back(self, name: str, units: int) -> None:
        """Wait until so many units are left."""
        async with asyncio.timeout(5):
            while (await self.left())[name] != units:
                pass


def left_by_header(answer: httpx2.Response) -> int:
    """What an answer's headers say to be left; asserts that all three are there."""
    values = [int(answer.headers[name]) for name in LIMIT_HEADERS]
    assert values[0] >= values[1] >= 0
    return values[1]


@pytest.fixture
def left_told() -> Callable[[httpx2.Response], int]:
    return left_by_header


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Any]]:
    """Starts a service with settings of the test's own."""
    async with AsyncExitStack() as stack:

        async def start_one(**settings: Any) -> Service:
            chosen = {"grpc_address": "127.0.0.1:0", "http_address": "127.0.0.1:0", **settings}
            resolved = Settings(_env_file=None, jwt_secret=SECRET, **chosen)
            vision = Vision()
            overrides = Overrides(vision=vision, pictures=Pictures(), clock=StoppedClock())
            app = await stack.enter_async_context(build_app(resolved, overrides))
            addresses = await stack.enter_async_context(serve(app))
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(addresses.grpc))
            http = await stack.enter_async_context(
                httpx2.AsyncClient(base_url=f"http://{addresses.http}", trust_env=False, timeout=20)
            )
            stub = service_pb2_grpc.DietCareServiceStub(channel)
            return Service(app, addresses, vision, http, stub)

        yield start_one


@pytest.fixture
async def service(start: Callable[..., Any]) -> Service:
    """With the limits as they are by default."""
    service: Service = await start()
    return service


@pytest.fixture
def new_user(service: Service) -> Callable[..., User]:
    def make(of: Service = service, **claims: Any) -> User:
        return User(of, **claims)

    return make


@pytest.fixture
def user(new_user: Callable[..., User]) -> User:
    return new_user()
