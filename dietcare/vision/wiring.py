"""Which decorators stand around the vision model, and in which order.

Only the composition root calls this. Why this order: docs/decisions/0012-guards-of-the-model.md.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dietcare.cache.port import Cache
from dietcare.cache.sightings import CachedVisionModel
from dietcare.services.nutrition_analyzer import SIMULATED_MODEL
from dietcare.settings import Settings
from dietcare.telemetry.metrics import Metrics
from dietcare.telemetry.vision import MeasuredVisionModel, VisionGauges
from dietcare.vision.breaker import BreakerVisionModel, CircuitOpenError
from dietcare.vision.port import PictureReader, VisionModel
from dietcare.vision.prompt import PROMPT_VERSION
from dietcare.vision.queue import QueuedVisionModel
from dietcare.vision.retry import RetryingVisionModel
from dietcare.vision.single_flight import SingleFlightVisionModel
from dietcare.vision.timer import SystemTimer, Timer


def guarded(
    model: VisionModel,
    settings: Settings,
    cache: Cache | None,
    metrics: Metrics,
    timer: Timer | None = None,
) -> VisionModel:
    """Measured → single flight → cached → retrying → breaker → queue → `model`."""
    timer = timer or SystemTimer()
    gauges = VisionGauges(metrics)
    queue = QueuedVisionModel(
        model,
        timer,
        concurrency=settings.vision_concurrency,
        per_minute=settings.vision_requests_per_minute,
        on_wait=gauges.waits.observe,
    )
    breaker = BreakerVisionModel(
        queue,
        timer,
        failures=settings.vision_breaker_failures,
        open_s=settings.vision_breaker_open_s,
        on_open=lambda: queue.turn_away(CircuitOpenError),
    )
    gauges.show(breaker, queue)
    guarded: VisionModel = RetryingVisionModel(breaker, timer, budget_s=settings.vision_timeout_s)
    if cache is not None:
        guarded = CachedVisionModel(guarded, cache, _question(settings))
    return MeasuredVisionModel(SingleFlightVisionModel(guarded), metrics)


def _question(settings: Settings) -> str:
    """What decides the answer besides the pixels."""
    return f"{settings.vision_model}, {settings.vision_detail.value}, {PROMPT_VERSION}"


@asynccontextmanager
async def open_model(settings: Settings) -> AsyncIterator[VisionModel]:
    """The model that the settings name, bare."""
    from dietcare.vision.openai_model import OpenAIVisionModel

    key = settings.openai_api_key
    model = OpenAIVisionModel(
        api_key=key.get_secret_value() if key else SIMULATED_MODEL,
        model=settings.vision_model,
        base_url=settings.openai_base_url,
        timeout_s=settings.vision_timeout_s,
        detail=settings.vision_detail.value,
    )
    try:
        yield model
    finally:
        await model.aclose()


@asynccontextmanager
async def open_pictures(settings: Settings) -> AsyncIterator[PictureReader]:
    """What fetches and normalises pictures, as the settings say."""
    from dietcare.vision.fetch import ImageFetcher
    from dietcare.vision.picture import PictureNormaliser
    from dietcare.vision.reader import WebPictureReader

    fetcher = ImageFetcher(
        settings.image_allowed_hosts,
        own_samples_origin=_own_origin(settings) if settings.is_development else None,
        own_certificate=settings.tls_cert,
        max_bytes=settings.image_max_bytes,
        total_timeout_s=settings.image_timeout_s,
    )
    normaliser = PictureNormaliser(
        settings.image_concurrency,
        long_side_px=settings.image_long_side_px,
        max_pixels=settings.image_max_pixels,
    )
    try:
        yield WebPictureReader(fetcher, normaliser, settings.image_max_bytes)
    finally:
        normaliser.close()


def _own_origin(settings: Settings) -> str | None:
    """Where on loopback REST is; None where it is not there."""
    scheme = "https" if settings.has_tls else "http"
    host, _, port = settings.http_address.rpartition(":")
    if host in {"0.0.0.0", "[::]"}:  # noqa: S104 # nosec B104 - compared only
        return f"{scheme}://127.0.0.1:{port}"
    return f"{scheme}://{host}:{port}" if host in {"127.0.0.1", "localhost", "[::1]"} else None
