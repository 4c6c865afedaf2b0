"""Runs the service in this process until a signal, and then lets it finish."""

import asyncio
import signal
from collections.abc import Callable

import structlog

from dietcare.app import App, build_app
from dietcare.clock import SystemClock
from dietcare.local.environment import local_environment
from dietcare.serving import Addresses, serve
from dietcare.settings import Settings

_log = structlog.get_logger("dietcare")

Ready = Callable[[App, Addresses], None]


async def run(settings: Settings, on_ready: Ready) -> None:
    """Serve until SIGINT or SIGTERM; everything that was started is stopped again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    async with local_environment(settings) as resolved, build_app(resolved) as app:
        if settings.is_development:
            await _seed(app)
        async with serve(app) as addresses:
            on_ready(app, addresses)
            await stop.wait()
            _log.info("stopping")


async def _seed(app: App) -> None:
    from dietcare.local import sample

    services, zone = app.services, app.settings.time_zone
    await sample.seed(services.meals, services.goals, zone, SystemClock().now())
