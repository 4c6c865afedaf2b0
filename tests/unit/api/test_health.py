"""Whether the service is well, and the pages that tell."""

import asyncio
from pathlib import Path

import orjson
import pytest

from dietcare.api import health as health_module
from dietcare.api.health import Health, Watched
from dietcare.api.pages import admin_pages, probe_pages, sample_pages
from dietcare.cache.memory import MemoryCache
from dietcare.errors import DatabaseConnectionError
from dietcare.repositories.memory.backend import MemoryBackend


class Mongo(MemoryBackend):
    """Calls itself mongodb; down, silent or not yet migrated as told."""

    name = "mongodb"
    down = False
    pending: tuple[str, ...] = ()

    async def ping(self):
        if self.down:
            raise DatabaseConnectionError

    async def pending_migrations(self):
        await self.ping()
        return self.pending


class DeadCache(MemoryCache):
    async def ping(self):
        return False


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def hang() -> bool:
    await asyncio.Event().wait()
    return True


def health(backend=None, cache=None, ask=yes, keys=yes) -> Health:
    return Health(Watched(backend or Mongo(), cache, "gpt", ask, keys))


def statuses(detailed) -> dict[str, object]:
    return {name: part["status"] for name, part in detailed.items() if name != "status"}


async def test_everything_is_told_also_what_is_not_configured():
    detailed = await health(MemoryBackend()).detailed()

    assert detailed == {
        "status": "ok",
        "mongodb": {"status": "not_configured", "storage": "memory"},
        "redis": {"status": "not_configured", "cache": "memory"},
        "openai": {"status": "ok", "model": "gpt"},
        "migrations": {"status": "ok", "pending": []},
    }


async def test_what_is_down_is_told_part_by_part():
    mongo = Mongo()
    mongo.down = True

    detailed = await health(mongo, DeadCache(lambda: 0.0), no).detailed()

    assert detailed["status"] == "degraded"
    assert statuses(detailed) == {
        "mongodb": "down",
        "redis": "down",
        "openai": "down",
        "migrations": "unknown",
    }


async def test_a_part_that_is_silent_is_down(monkeypatch):
    monkeypatch.setattr(health_module, "CHECK_TIMEOUT_S", 0.02)

    assert statuses(await health(ask=hang).detailed())["openai"] == "down"


async def test_calls_can_be_served_without_redis_and_openai():
    assert await health(Mongo(), DeadCache(lambda: 0.0), no).ready()


@pytest.mark.parametrize("ill", ["down", "pending", "draining", "keyless"])
async def test_no_calls_can_be_served(ill):
    mongo = Mongo()
    mongo.down, mongo.pending = ill == "down", ("0002",) if ill == "pending" else ()
    judged = health(mongo, keys=no if ill == "keyless" else yes)
    if ill == "draining":
        judged.drain()

    assert not await judged.ready()
    answer = await probe_pages(judged)["/readyz"](None)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    for path in ("/health", "/livez"):
        alive = await probe_pages(judged)[path](None)
        assert (alive.status, orjson.loads(alive.body)) == (200, {"status": "ok"})


async def test_the_pages_of_a_service_that_is_well(metrics):
    well = health()

    assert (await probe_pages(well)["/readyz"](None)).status == 200
    pages = admin_pages(well, metrics)
    assert (await pages["/health/detailed"](None)).status == 200
    exposition = await pages["/metrics"](None)
    assert exposition.headers["content-type"].startswith("text/plain")
    assert b"dietcare_rpc" in exposition.body


async def test_the_detailed_page_of_a_service_that_is_ill_is_503(metrics):
    assert (await admin_pages(health(ask=no), metrics)["/health/detailed"](None)).status == 503


async def test_sample_pictures_are_served_by_name(tmp_path: Path):
    (tmp_path / "bibimbap.jpg").write_bytes(b"jpeg")
    (tmp_path / "notes.txt").write_text("not served")

    pages = sample_pages(tmp_path)

    assert list(pages) == ["/samples/bibimbap.jpg"]
    answer = await pages["/samples/bibimbap.jpg"](None)
    assert (answer.headers["content-type"], answer.body) == ("image/jpeg", b"jpeg")
