"""Counts how often the vision model is asked, and how that ends."""

from dietcare.errors import DietCareError
from dietcare.telemetry.metrics import Metrics
from dietcare.vision.port import Picture, Sighting, VisionModel


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
