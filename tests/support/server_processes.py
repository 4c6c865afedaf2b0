"""Server processes: `python server.py`, as an operator starts several on one database."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from dietcare.auth.tokens import issue
from dietcare.local.ports import free_port
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.v1 import service_pb2_grpc

ROOT = Path(__file__).parents[2]
SECRET = "a secret for these tests and no others"
FAR_FUTURE = 4_102_444_800  # 2100-01-01
READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20

# server.py, but for its timeouts: of hundreds of calls at once on a machine that is busy with other
# tests too, some would take longer than a call may, and that is not what is tested here.
PATIENT = """
import runpy, sys
from dietcare.api.interceptors import deadline
from dietcare.repositories.mongo import client
deadline.DEFAULT_S = 60.0
client.SELECTION_TIMEOUT_MS = client.OPERATION_TIMEOUT_MS = 30_000
client.OPERATION_LIMIT_S = 35.0
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
# The first attempts come before the server listens.
CHANNEL = (("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200))


@dataclass(frozen=True)
class Server:
    """A server process, and a way to call it."""

    process: asyncio.subprocess.Process
    stub: Any

    async def call(self, rpc: str, user: str, message: Any, timeout_s: float = 60) -> Any:
        """A unary RPC as `user`."""
        token = issue(SECRET, "HS256", user, expires_at=FAR_FUTURE)
        metadata = (("authorization", f"Bearer {token}"),)
        return await getattr(self.stub, rpc)(message, metadata=metadata, timeout=timeout_s)

    async def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        await self.process.wait()


Start = Callable[..., Awaitable[Server]]


@asynccontextmanager
async def servers(mongod_uri: str, database: str, folder: Path) -> AsyncIterator[Start]:
    """Starts one more server on the database; settings are given as environment variables."""
    backend = MongoBackend.open(mongod_uri, database, driver="pymongo")
    await backend.migrate()
    await backend.aclose()
    async with AsyncExitStack() as stack:

        async def start(**variables: str) -> Server:
            port = free_port()
            settings = {
                "DIETCARE_ENV": "staging",
                "DIETCARE_MONGODB_URI": mongod_uri,
                "DIETCARE_MONGODB_DATABASE": database,
                "DIETCARE_GRPC_ADDRESS": f"127.0.0.1:{port}",
                "DIETCARE_HTTP_ADDRESS": "",
                "DIETCARE_JWT_SECRET": SECRET,
                "DIETCARE_LIMIT_MEALS_PER_DAY": "100000",
                "DIETCARE_LIMIT_IP_PER_MINUTE": "0",
                "OPENAI_BASE_URL": "http://127.0.0.1:9",
                **variables,
            }
            log = folder / f"{port}.log"
            with log.open("wb") as output:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-c", PATIENT, str(ROOT / "server.py")),
                    cwd=folder,
                    env={**os.environ, **settings},
                    stdout=output,
                    stderr=output,
                )
            stack.push_async_callback(_stop, process)
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=CHANNEL)
            await stack.enter_async_context(channel)
            await _ready(channel, process, log)
            return Server(process, service_pb2_grpc.DietCareServiceStub(channel))

        yield start


async def _ready(channel: grpc.aio.Channel, process: asyncio.subprocess.Process, log: Path) -> None:
    listening = asyncio.ensure_future(channel.channel_ready())
    ended = asyncio.ensure_future(process.wait())
    await asyncio.wait({listening, ended}, timeout=READY_TIMEOUT_S, return_when="FIRST_COMPLETED")
    ready = listening.done()
    for task in (listening, ended):
        task.cancel()
    await asyncio.gather(listening, ended, return_exceptions=True)
    assert ready, _last_words(process, log)


def _last_words(process: asyncio.subprocess.Process, log: Path) -> str:
    return f"status {process.returncode}: {log.read_text()}"


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
