"""One log line and the metrics of every call, whatever became of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import structlog

from dietcare.api import call
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.telemetry.metrics import Metrics

_log = structlog.get_logger("dietcare.access")


class AccessLogInterceptor(Around):
    """Rate, latency and errors per RPC; `timer` gives monotonic seconds."""

    def __init__(self, metrics: Metrics, timer: Callable[[], float] = time.perf_counter) -> None:
        self._metrics = metrics
        self._timer = timer

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        current, began = call.current(), self._timer()
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):  # the latter is a stream left half-way
            current.code = grpc.StatusCode.CANCELLED
            raise
        finally:
            self._record(current, self._timer() - began, rpc_of(method_name) or "other")

    def _record(self, current: call.Call, seconds: float, method: str) -> None:
        self._metrics.calls.labels(method, current.code.name).inc()
        self._metrics.latency.labels(method).observe(seconds)
        if current.reason is not None:
            self._metrics.errors.labels(method, current.reason).inc()
        _log.info(
            "call",
            method=current.method,
            code=current.code.name,
            reason=current.reason,
            ms=round(seconds * 1000, 1),
            user=current.caller_or_none.subject if current.caller_or_none else None,
        )
