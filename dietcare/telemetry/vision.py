"""Counts how often the vision model is asked, how that ends, and what stands in the way."""

from prometheus_client import Gauge, Histogram

from dietcare.errors import DietCareError
from dietcare.telemetry.metrics import Metrics
from dietcare.vision.breaker import BreakerVisionModel
from dietcare.vision.port import Picture, Sighting, VisionModel
from dietcare.vision.queue import QueuedVisionModel

WAIT_BUCKETS_S = (0.001, 0.01, 0.1, 0.5, 1, 2.5, 5, 10, 20, 30)


class MeasuredVisionModel(VisionModel):
    """Passes every picture on and counts the outcome."""

    def __init__(self, inner: VisionModel, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def look(self, picture: Picture) -> Sighting:
        try:
            sighting = await self._inner.look(picture)
        except DietCareError:
            self._metrics.sightings.labels("failure").inc()
            raise
        self._metrics.sightings.labels("cache" if sighting.cached else "model").inc()
        return sighting


class VisionGauges:
    """The state of the circuit breaker, the queue, and how long its turns were waited for."""

    def __init__(self, metrics: Metrics) -> None:
        self.waits = Histogram(
            "dietcare_vision_wait_seconds",
            "Time that a request to the vision model waited for its turn.",
            buckets=WAIT_BUCKETS_S,
            registry=metrics.registry,
        )
        self._queue = Gauge(
            "dietcare_vision_queue_length",
            "Requests to the vision model that wait for their turn.",
            registry=metrics.registry,
        )
        self._breaker = Gauge(
            "dietcare_vision_breaker_state",
            "Whether the vision model is asked: 0 closed, 1 half open, 2 open.",
            registry=metrics.registry,
        )

    def show(self, breaker: BreakerVisionModel, queue: QueuedVisionModel) -> None:
        """Look at these two whenever the metrics are asked for."""
        self._breaker.set_function(lambda: breaker.state)
        self._queue.set_function(lambda: queue.length)
