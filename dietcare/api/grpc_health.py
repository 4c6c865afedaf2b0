"""grpc.health.v1 from the same readiness as /readyz."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from dietcare.api.health import Health

WATCH_EVERY_S = 2.0


class ReadinessServicer(health_pb2_grpc.HealthServicer):  # type: ignore[misc]  # it has no types
    """Answers for the whole server ("") and for one service by its name."""

    def __init__(self, health: Health, service: str) -> None:
        self._health = health
        self._services = frozenset({"", service})

    async def Check(self, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return await self._answer(request.service)

    async def Watch(
        self, request: Any, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[Any]:
        last = None
        while True:
            # Asked before the answer: draining that begins after it must still be told.
            draining = self._health.draining.is_set()
            answer = await self._answer(request.service)
            if answer != last:
                yield answer
            last = answer
            if draining:
                return  # a watcher must not hold up the end of the server
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._health.draining.wait(), WATCH_EVERY_S)

    async def _answer(self, service: str) -> Any:
        status = health_pb2.HealthCheckResponse
        if service not in self._services:
            return status(status=status.SERVICE_UNKNOWN)
        ready = await self._health.ready()
        return status(status=status.SERVING if ready else status.NOT_SERVING)
