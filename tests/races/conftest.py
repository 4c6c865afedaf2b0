"""Two real processes on one mongod, with and without a Redis that they share."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import jwt
import pymongo
import pytest
from server_processes import PATIENT

from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.v1 import service_pb2_grpc

ROOT = Path(__file__).parents[2]
SECRET = "r" * 40
FAR_FUTURE = 4_102_444_800  # 2100-01-01


class Server:
    """`python server.py` with settings of its own; `ready` waits until it listens."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("DIETCARE_", "OPENAI_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-c", PATIENT, str(ROOT / "server.py")],
            cwd=folder,
            env={**clean, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        # A pipe that nobody reads would stop the server.
        self._reader = threading.Thread(target=self._read)
        self._listening = threading.Event()
        self._reader.start()
        self.grpc = self.http = ""
        self.pid = self._process.pid

    def ready(self) -> None:
        """Return when it listens."""
        assert self._listening.wait(60)
        assert self.grpc, "the server ended:\n" + "".join(self.lines)

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()

    def wait(self) -> None:
        """Return when it has ended."""
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.lines.append(line)
            if '"event": "ready"' in line:
                ready = json.loads(line)
                self.grpc, self.http = ready["grpc"], ready["http"]
                self._listening.set()
        self._listening.set()


@pytest.fixture
def start_one() -> Iterator[Callable[[Path, dict[str, str]], Server]]:
    """Starts a server alone, in a folder."""
    with ExitStack() as stack:

        def start(folder: Path, settings: dict[str, str]) -> Server:
            server = Server(folder, settings)
            stack.callback(server.wait)
            stack.callback(server.terminate)
            server.ready()
            return server

        yield start


@dataclass(frozen=True)
class Pair:
    """Two servers that know nothing of each other but what they store."""

    servers: tuple[Server, Server]
    database: Any
    valkey: Any

    def user(self) -> str:
        """Somebody new."""
        return os.urandom(12).hex()

    def bearer(self, user_id: str) -> str:
        """A token of theirs, as a header has it."""
        claims = {"sub": user_id, "exp": FAR_FUTURE}
        return f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"


@pytest.fixture(scope="session")
def start_pair(
    mongod_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Any], Pair]]:
    """Starts two servers on a database of their own."""
    with ExitStack() as stack:

        def start(valkey: Any) -> Pair:
            name = f"races_{os.urandom(6).hex()}"
            asyncio.run(_migrate(mongod_uri, name))
            settings = {
                "DIETCARE_ENV": "staging",
                "DIETCARE_GRPC_ADDRESS": "127.0.0.1:0",
                "DIETCARE_HTTP_ADDRESS": "127.0.0.1:0",
                "DIETCARE_MONGODB_URI": mongod_uri,
                "DIETCARE_MONGODB_DATABASE": name,
                "DIETCARE_JWT_SECRET": SECRET,
                "DIETCARE_LIMIT_IP_PER_MINUTE": "0",
            }
            if valkey is not None:
                settings["DIETCARE_REDIS_URL"] = valkey.url
            folders = [tmp_path_factory.mktemp("server") for _ in range(2)]
            first, second = (Server(folder, settings) for folder in folders)
            for step in (second.wait, first.wait, second.terminate, first.terminate):
                stack.callback(step)
            first.ready()
            second.ready()
            client = stack.enter_context(pymongo.MongoClient(mongod_uri, tz_aware=True))
            stack.callback(client.drop_database, name)
            return Pair((first, second), client[name], valkey)

        yield start


async def _migrate(uri: str, name: str) -> None:
    backend = MongoBackend.open(uri, name, driver="pymongo")
    await backend.migrate()
    await backend.aclose()


@pytest.fixture(scope="session")
def without_redis(start_pair: Callable[[Any], Pair]) -> Pair:
    return start_pair(None)


@pytest.fixture(scope="session")
def with_redis(start_pair: Callable[[Any], Pair], new_valkey: Callable[[], Any]) -> Pair:
    return start_pair(new_valkey())


# Redis has 0.2 s: where the cores are busy with other suites, a late answer counts as an outage,
# and units are then counted in two stores. Exactness with Redis needs a machine to itself.
ALONE = pytest.mark.skipif(
    "RACES_ALONE" not in os.environ,
    reason="Redis' 0.2 s run out on busy cores; make races runs it alone",
)


@pytest.fixture(params=["without_redis", pytest.param("with_redis", marks=ALONE)])
def pair(request: pytest.FixtureRequest) -> Pair:
    found: Pair = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def stubs(pair: Pair) -> Any:
    """A stub of each server."""
    channels = [grpc.aio.insecure_channel(each.grpc) for each in pair.servers]
    yield [service_pb2_grpc.DietCareServiceStub(channel) for channel in channels]
    for channel in channels:
        await channel.close()
