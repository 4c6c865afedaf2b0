"""The channel of `python -m gateway` to the service that it stands before."""

from __future__ import annotations

import asyncio
import os
import socket
from argparse import Namespace
from pathlib import Path

import grpc
import pytest

from gateway.secured import open_channel


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open sockets are listed by Linux")
async def test_a_service_whose_machine_is_gone_is_not_waited_for_until_tcp_gives_up() -> None:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    options = Namespace(upstream=f"127.0.0.1:{port}", tls=False, ca=None, cert=None, key=None)
    async with asyncio.timeout(20), open_channel(options) as channel:
        await channel.channel_ready()
        timeouts_ms = _user_timeouts_ms(port)
    await server.stop(None)
    assert timeouts_ms == [20_000]


def _user_timeouts_ms(port: int) -> list[int]:
    """How long each connection to a port waits for what it sent to be acknowledged."""
    found = []
    for path in Path("/proc/self/fd").iterdir():
        if not path.is_socket():
            continue
        with socket.socket(fileno=os.dup(int(path.name))) as each:
            if each.family in (socket.AF_INET, socket.AF_INET6) and _peer_port(each) == port:
                found.append(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT))
    return found


def _peer_port(connection: socket.socket) -> int:
    try:
        return int(connection.getpeername()[1])
    except OSError:  # it listens
        return 0
