"""What one client does to HTTP/2 does not reach another: a victim's calls go on meanwhile.

That they stay below half a second is asserted where these tests run alone, as `make bench` runs
them: beside other tests, a time proves nothing.
"""

import asyncio
import contextlib

import grpc
import h2.errors
import h2.events
import pytest

from dietcare import grpc_server
from dietcare.grpc_server import STREAMS_MAX

RESETS_A_CONNECTION = 1_000
BEYOND = 300
REFUSALS = {h2.errors.ErrorCodes.REFUSED_STREAM, h2.errors.ErrorCodes.ENHANCE_YOUR_CALM}


async def test_streams_that_are_opened_and_reset_at_once(attacker, victim):
    def rapid_reset() -> None:
        for _ in range(5):
            one = attacker()
            try:
                for _ in range(RESETS_A_CONNECTION):
                    one.http2.reset_stream(one.open_stream())
                    one.flush()
            except OSError:  # the server has had enough
                continue

    await victim.during(rapid_reset)


async def test_a_flood_of_pings_ends_its_connection(attacker, victim):
    def flood() -> bool:
        one = attacker()
        try:
            for _ in range(10_000):
                one.http2.ping(b"12345678")
                one.flush()
        except OSError:
            return True
        return one.is_closed()

    assert await victim.during(flood)


async def test_a_flood_of_settings(attacker, victim):
    def flood() -> None:
        one = attacker()
        try:
            for size in range(5_000):
                one.http2.update_settings({0x4: 65_535 + size})
                one.flush()
        except OSError:
            return

    await victim.during(flood)


async def test_streams_beyond_the_limit_are_refused(attacker, victim):
    def too_many() -> int:
        one = attacker()
        # The library would keep to the limit itself.
        one.http2.remote_settings[0x3] = 10_000
        for _ in range(STREAMS_MAX + BEYOND):
            one.open_stream()
        one.flush()
        refused = set()
        for event in one.events():
            if isinstance(event, h2.events.StreamReset) and event.error_code in REFUSALS:
                refused.add(event.stream_id)
            if len(refused) == BEYOND:
                break
        return len(refused)

    assert await victim.during(too_many) == BEYOND


@pytest.mark.parametrize("port", ["grpc", "http"])
async def test_a_thousand_sockets_that_say_nothing(server, idle_sockets, victim, port):
    await victim.during(lambda: idle_sockets(getattr(server, port), 1_000))


async def test_connections_beyond_the_limit_are_closed_at_once():
    options = dict(grpc_server.OPTIONS) | {"grpc.max_allowed_incoming_connections": 5}
    server = grpc.aio.server(options=tuple(options.items()))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        made = [await asyncio.open_connection("127.0.0.1", port) for _ in range(8)]
        for reader, _ in made[5:]:
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        for _, writer in made:
            writer.close()
    finally:
        await server.stop(None)


def test_the_server_s_bounds_are_those_that_the_tests_above_prove():
    bounds = dict(grpc_server.OPTIONS)
    assert bounds["grpc.max_allowed_incoming_connections"] == grpc_server.CONNECTIONS_MAX
    assert 0 < bounds["grpc.server_handshake_timeout_ms"] <= 10_000
