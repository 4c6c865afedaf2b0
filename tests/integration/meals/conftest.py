"""A service on real sockets, over memory and over a real mongod, with a user who calls it."""

import asyncio
import os
from collections.abc import AsyncIterator
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
from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrients
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.v1 import service_pb2_grpc
from dietcare.vision.port import Picture, PictureReader, Sighting, VisionModel

SECRET = "s" * 40
SEEN = Sighting((Food("김밥", 230, Nutrients(sodium_mg=600)),), "a-model", "1", 1, 1)


class HandClock(Clock):
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = SystemClock().now()

    def now(self) -> datetime:
        return self.at


class Pictures(PictureReader):
    """Takes any bytes for a picture."""

    async def from_url(self, url: str) -> Picture:
        return Picture(b"", "0" * 64)

    async def from_bytes(self, data: bytes) -> Picture:
        return Picture(data, os.urandom(32).hex())


class Vision(VisionModel):
    """Sees a kimbap once `go` is set, and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls, self.failure = 0, None
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self.go.set()

    async def look(self, picture: Picture) -> Sighting:
        self.calls += 1
        self.asked.set()
        await self.go.wait()
        if self.failure is not None:
            raise self.failure
        return SEEN


@dataclass
class Service:
    """The running service."""

    app: App
    vision: Vision
    clock: HandClock
    http: httpx2.AsyncClient
    stub: Any


class User:
    """Somebody whom nobody else knows."""

    def __init__(self, service: Service, **claims: Any) -> None:
        self.id = os.urandom(12).hex()
        self.service = service
        claims = {"sub": self.id, "exp": 4_102_444_800, **claims}
        self.bearer = f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"

    async def send(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> httpx2.Response:
        """A REST request; names of headers with _ for -."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["idempotency-key"] = key
        given["authorization"] = self.bearer
        url, content = f"/api/diet{path}", {} if body is None else {"json": body}
        return await self.service.http.request(method, url, headers=given, **content)

    async def call(
        self, rpc: str, request: Any, *, key: str | None = None, **metadata: str
    ) -> tuple[Any, dict[str, str]]:
        """A unary RPC: its answer and its trailers, all the same whether it fails or not."""
        pairs = [(name.replace("_", "-"), value) for name, value in metadata.items()]
        if key is not None:
            pairs.append(("idempotency-key", key))
        pairs.append(("authorization", self.bearer))
        running = getattr(self.service.stub, rpc)(request, metadata=pairs, timeout=30)
        try:
            answer = await running
        except grpc.aio.AioRpcError as error:
            return error.code(), dict(error.trailing_metadata() or ())
        return answer, dict(await running.trailing_metadata())

    async def left(self, name: str = "meals") -> int:
        """What is left of a limit."""
        answer = await self.send("GET", "/quota")
        left: int = answer.json()["quota"][name]["remaining"]
        return left

    async def listed(self) -> list[dict[str, Any]]:
        """The first page of the meals."""
        meals: list[dict[str, Any]] = (await self.send("GET", "/meals")).json()["meals"]
        return meals

    async def log(self) -> dict[str, Any]:
        """A new meal."""
        body = {"meal_type": "lunch", "foods": [{"name": "비빔밥", "portion_g": 400}]}
        meal: dict[str, Any] = (await self.send("POST", "/meals", body)).json()["meal"]
        return meal


@pytest.fixture(params=["memory", "mongo"])
def storage(request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of a storage that nobody else uses."""
    if request.param == "memory":
        return {}
    uri: str = request.getfixturevalue("mongod_uri")
    return {"mongodb_uri": uri, "mongodb_database": f"idempotency_{os.urandom(6).hex()}"}


@pytest.fixture
async def service(storage: dict[str, str]) -> AsyncIterator[Service]:
    """With the limits as they are by default."""
    async with AsyncExitStack() as stack:
        addresses = {"grpc_address": "127.0.0.1:0", "http_address": "127.0.0.1:0"}
        settings = Settings(_env_file=None, jwt_secret=SECRET, **addresses, **storage)
        vision, clock = Vision(), HandClock()
        overrides = Overrides(vision=vision, pictures=Pictures(), clock=clock)
        app = await stack.enter_async_context(build_app(settings, overrides))
        bound = await stack.enter_async_context(serve(app))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(bound.grpc))
        client = httpx2.AsyncClient(base_url=f"http://{bound.http}", trust_env=False, timeout=20)
        http = await stack.enter_async_context(client)
        stub = service_pb2_grpc.DietCareServiceStub(channel)
        yield Service(app, vision, clock, http, stub)


@pytest.fixture
def new_user(service: Service) -> Any:
    return lambda **claims: User(service, **claims)


@pytest.fixture
def user(new_user: Any) -> User:
    made: User = new_user()
    return made
