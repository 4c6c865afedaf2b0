"""What is served over HTTP beside the API: health, metrics, sample pictures."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import orjson

from dietcare.api.health import Health
from dietcare.telemetry.metrics import CONTENT_TYPE, Metrics
from gateway import Page, PageRequest, Response

JSON = {"content-type": "application/json"}
RETRY_AFTER = {"retry-after": "1"}


def probe_pages(health: Health) -> Mapping[str, Page]:
    """What load balancers and Kubernetes ask."""

    async def alive(_request: PageRequest) -> Response:
        return _json(200, {"status": "ok"})

    async def ready(_request: PageRequest) -> Response:
        if await health.ready():
            return _json(200, {"status": "ready"})
        return _json(503, {"status": "not ready"}, RETRY_AFTER)

    return {"/health": alive, "/livez": alive, "/readyz": ready}


def admin_pages(health: Health, metrics: Metrics) -> Mapping[str, Page]:
    """What operators ask; of no concern to the public."""

    async def detailed(_request: PageRequest) -> Response:
        answer = await health.detailed()
        return _json(200 if answer["status"] == "ok" else 503, answer)

    async def exposition(_request: PageRequest) -> Response:
        return Response(200, {"content-type": CONTENT_TYPE}, metrics.exposition())

    return {"/health/detailed": detailed, "/metrics": exposition}


def sample_pages(folder: Path) -> Mapping[str, Page]:
    """The pictures that the project ships, so that development has an address to analyse."""
    return {f"/samples/{path.name}": _picture(path) for path in sorted(folder.glob("*.jpg"))}


def _picture(path: Path) -> Callable[[PageRequest], Awaitable[Response]]:
    data = path.read_bytes()

    async def page(_request: PageRequest) -> Response:
        return Response(200, {"content-type": "image/jpeg"}, data)

    return page


def _json(
    status: int, answer: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(status, {**JSON, **(headers or {})}, orjson.dumps(answer))
