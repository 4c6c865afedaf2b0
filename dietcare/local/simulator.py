"""A stand-in for a vision model: an OpenAI-compatible server on this machine.

With it, development without a key runs the same client code over real HTTP. Its answers are made
up (see `recognition`), and say so: `"model": "simulated"`. Production refuses to run on it.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import uvicorn

from dietcare.local.simulator_app import SimulatorApp

GOODBYE_S = 1.0


@contextlib.asynccontextmanager
async def serve_simulator(
    modes: Sequence[str] = ("ok",),
    *,
    on_request: Callable[[Any], None] = lambda request: None,
) -> AsyncIterator[str]:
    """Serve on a free port of 127.0.0.1 until the block ends, and yield the base URL.

    Any API key is accepted. `modes` and `on_request` are those of `SimulatorApp`.

    Raises:
        ValueError: a mode is unknown.
        OSError: no port could be had.
    """
    app = SimulatorApp(modes, on_request)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = await _started(app, listener)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        finally:
            await _stop(server)


async def _started(app: SimulatorApp, listener: socket.socket) -> uvicorn.Server:
    """`Server.serve` would install signal handlers and log; these are the parts between."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", ws="none", interface="asgi3"
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    return server


async def _stop(server: uvicorn.Server) -> None:
    """Hang up on everybody: whoever is still being answered learns of it and ends."""
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    if server.server_state.tasks:
        await asyncio.wait(list(server.server_state.tasks), timeout=GOODBYE_S)
    for listening in server.servers:
        await listening.wait_closed()
