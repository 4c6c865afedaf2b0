"""Real processes on one mongod, with and without a Redis that they share."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pymongo
import pytest
from server_processes import Server, Start, bearer, servers, shared_database

from dietcare.v1 import service_pb2_grpc


@dataclass(frozen=True)
class Pair:
    """Two servers that know nothing of each other but what they store."""

    servers: list[Server]
    database: Any
    valkey: Any

    def user(self) -> str:
        """Somebody new."""
        return os.urandom(12).hex()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers that end with the test."""
    with servers() as start:
        yield start


@pytest.fixture
def new_pair(
    mongod_uri: str, tmp_path: Path, start: Start
) -> Iterator[Callable[..., Awaitable[Pair]]]:
    """Starts two servers that end with the test, on a database of their own."""
    name = f"races_{os.urandom(6).hex()}"
    with pymongo.MongoClient(mongod_uri, tz_aware=True) as client:

        async def make(**settings: str) -> Pair:
            shared = await shared_database(mongod_uri, name)
            both = [(tmp_path, {**shared, **settings})] * 2
            return Pair(await asyncio.to_thread(start, both), client[name], None)

        yield make
        client.drop_database(name)


@pytest.fixture(scope="session")
def lasting_pair(
    mongod_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Any], Pair]]:
    """Starts two servers for all the tests that do not kill them."""
    with pymongo.MongoClient(mongod_uri, tz_aware=True) as client, servers() as start:

        def make(valkey: Any) -> Pair:
            name = f"races_{os.urandom(6).hex()}"
            settings = asyncio.run(shared_database(mongod_uri, name))
            if valkey is not None:
                settings["DIETCARE_REDIS_URL"] = valkey.url
            folder = tmp_path_factory.mktemp("servers")
            return Pair(start([(folder, settings)] * 2), client[name], valkey)

        yield make


@pytest.fixture(scope="session")
def without_redis(lasting_pair: Callable[[Any], Pair]) -> Pair:
    return lasting_pair(None)


@pytest.fixture(scope="session")
def with_redis(lasting_pair: Callable[[Any], Pair], new_valkey: Callable[[], Any]) -> Pair:
    return lasting_pair(new_valkey())


@pytest.fixture(params=["without_redis", "with_redis"])
def pair(request: pytest.FixtureRequest) -> Pair:
    found: Pair = request.getfixturevalue(request.param)
    return found


class Caller:
    """Calls servers as a user, over one channel each."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._stubs: dict[Server, Any] = {}

    async def stub(self, server: Server) -> Any:
        """A stub of that server."""
        if server not in self._stubs:
            channel = await self._stack.enter_async_context(grpc.aio.insecure_channel(server.grpc))
            self._stubs.setdefault(server, service_pb2_grpc.DietCareServiceStub(channel))
        return self._stubs[server]

    async def start(
        self, server: Server, rpc: str, user: str, message: Any, **metadata: str
    ) -> Any:
        """A call that is on its way."""
        given = ((name.replace("_", "-"), value) for name, value in metadata.items())
        all_metadata = (("authorization", bearer(user)), *given)
        method = getattr(await self.stub(server), rpc)
        return method(message, metadata=all_metadata, timeout=60)

    async def __call__(self, *call: Any, **metadata: str) -> Any:
        """The answer."""
        return await (await self.start(*call, **metadata))

    async def code(self, *call: Any) -> str:
        """The name of the status code."""
        code: grpc.StatusCode = await (await self.start(*call)).code()
        return code.name


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with AsyncExitStack() as stack:
        yield Caller(stack)
