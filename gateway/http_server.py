"""HTTP/1.1 for a gateway, on a socket."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from gateway.asgi import App
from gateway.http_connection import DEFAULT_BOUNDS, LINGER_S, BoundedProtocol, HttpBounds


@asynccontextmanager
async def listening(
    app: App,
    listener: socket.socket,
    *,
    bounds: HttpBounds = DEFAULT_BOUNDS,
    grace_s: float = 5.0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[None]:
    """Serve `app` on a listening socket until the block ends; then what is in flight has `grace_s`.

    The socket stays the caller's.
    """
    # Heads and bodies go out as two writes; asyncio, unlike uvloop, lets the second one wait 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        log_config=None,
        log_level="error",  # any client can make it warn, as often as it likes
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,  # who the client is, is decided in one place, behind the gateway
        timeout_keep_alive=bounds.idle_timeout_s,  # type: ignore[arg-type] # whole or not
        timeout_graceful_shutdown=int(grace_s),
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    # What Server.startup does, which can not bound the handshake.
    bound = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(config, server.server_state, {}, bounds=bounds),
        sock=listener,
        ssl=tls,
        ssl_handshake_timeout=bounds.head_timeout_s if tls else None,
        backlog=config.backlog,
    )
    server.servers = [bound]
    loop = asyncio.create_task(server.main_loop())
    try:
        yield
    finally:
        server.should_exit = True
        await loop
        await server.shutdown(sockets=[listener])
        if cut_off := tuple(server.server_state.tasks):
            # They tell their clients, and leave what they use in order.
            await asyncio.wait(cut_off, timeout=LINGER_S)
