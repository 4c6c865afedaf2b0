"""A server process, attackers that speak raw HTTP/2 to it, and a patient who uses it meanwhile."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import h2.config
import h2.connection
import pytest
from server_processes import Server, bearer, servers, shared_database

from dietcare.v1 import service_pb2_grpc, streak_pb2

PATIENCE_S = 20
VICTIM_MAX_S = 0.5
GET_STREAK = "/dietcare.v1.DietCareService/GetStreak"


@pytest.fixture(scope="module")
def server(mongod_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = asyncio.run(shared_database(mongod_uri, f"abuse_{os.urandom(6).hex()}"))
    with servers() as start:
        yield start([(tmp_path_factory.mktemp("server"), settings)])[0]


class Attacker:
    """One raw HTTP/2 connection. Its calls block."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), PATIENCE_S)
        config = h2.config.H2Configuration(validate_outbound_headers=False)
        self.http2 = h2.connection.H2Connection(config)
        self.http2.initiate_connection()
        self.flush()

    def flush(self) -> None:
        """Send what is waiting; raises OSError once the server has closed the connection."""
        self.socket.sendall(self.http2.data_to_send())

    def open_stream(self, *, end: bool = False) -> int:
        """Begin a call, whose message does not come unless `end`."""
        stream = self.http2.get_next_available_stream_id()
        headers = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", GET_STREAK),
            (":authority", "localhost"),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ]
        self.http2.send_headers(stream, headers, end_stream=end)
        return stream

    def events(self) -> Iterator[Any]:
        """What the server says, until it closes the connection; ask for no more than must come."""
        self.socket.settimeout(PATIENCE_S)
        try:
            while data := self.socket.recv(65_536):
                yield from self.http2.receive_data(data)
        except OSError:
            return

    def is_closed(self) -> bool:
        """Wait until the server has closed the connection; False when it does not."""
        self.socket.settimeout(PATIENCE_S)
        try:
            while self.socket.recv(65_536):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def attacker(server: Server) -> Iterator[Callable[[], Attacker]]:
    with ExitStack() as stack:

        def connect() -> Attacker:
            made = Attacker(server.grpc)
            stack.callback(made.close)
            return made

        yield connect


@pytest.fixture
def idle_sockets() -> Iterator[Callable[[str, int], list[socket.socket]]]:
    """Opens sockets to an address that send nothing."""
    with ExitStack() as stack:

        def open_them(address: str, count: int) -> list[socket.socket]:
            host, _, port = address.rpartition(":")
            made = []
            for _ in range(count):
                made.append(socket.create_connection((host, int(port)), PATIENCE_S))
                stack.callback(made[-1].close)
            return made

        yield open_them


class Victim:
    """A patient whose calls go on, one after the other, while something else happens."""

    def __init__(self, server: Server) -> None:
        self.worst_s = 0.0
        self._server = server
        self._metadata = (("authorization", bearer(os.urandom(12).hex())),)

    async def during(self, attack: Callable[[], Any]) -> Any:
        """What the attack gives; every call of the victim must succeed, also one after it."""
        async with grpc.aio.insecure_channel(self._server.grpc) as channel:
            stub = service_pb2_grpc.DietCareServiceStub(channel)
            await self._call(stub)
            going = asyncio.create_task(asyncio.to_thread(attack))
            while not going.done():
                await self._call(stub)
            await self._call(stub)
            return await going

    async def _call(self, stub: Any) -> None:
        began_s = time.perf_counter()
        await stub.GetStreak(streak_pb2.GetStreakRequest(), metadata=self._metadata, timeout=5)
        self.worst_s = max(self.worst_s, time.perf_counter() - began_s)


@pytest.fixture
def victim(server: Server) -> Iterator[Victim]:
    victim = Victim(server)
    yield victim
    print(f"worst call of the victim: {victim.worst_s * 1_000:.0f} ms")  # noqa: T201 - the report
    if "PYTEST_XDIST_WORKER" not in os.environ:
        assert victim.worst_s < VICTIM_MAX_S
