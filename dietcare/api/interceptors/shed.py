"""Refuses early what the process has no room for: reading goes on while writing has to wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dietcare.api.interceptors.access import ACCESS
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.auth.caller import Access
from dietcare.errors import OverloadedError
from dietcare.telemetry.metrics import Metrics

READS = frozenset(rpc for rpc, access in ACCESS.items() if access in (Access.READ, None))
"""What is cheap, changes nothing, and is looked at again when it fails."""
SHARE_OF_ALL = 0.75
"""How much of the room is for every call; the rest is for reads alone."""


class ShedInterceptor(Around):
    """Lets in `room` calls at once, each process for itself. Health and reflection always pass.

    The calls in flight are what grows when any part of the service is too slow for what arrives,
    be it the processor, the database or the model.
    """

    def __init__(self, room: int, metrics: Metrics) -> None:
        self._room = room
        self._room_of_all = max(1, int(room * SHARE_OF_ALL))
        self._metrics = metrics
        self._in_flight = 0
        metrics.in_flight.set_function(lambda: self._in_flight)

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        rpc = rpc_of(method_name)
        if rpc is None:
            yield
            return
        if self._in_flight >= (self._room if rpc in READS else self._room_of_all):
            self._metrics.shed.labels(rpc).inc()
            raise OverloadedError
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1
