"""Whether the service is well, and what of it is not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from dietcare.cache.port import Cache
from dietcare.errors import DatabaseError
from dietcare.repositories.port import Backend

CHECK_TIMEOUT_S = 3.0
NOT_CONFIGURED = "not_configured"

Part = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Watched:
    """What is looked at. `cache` is None without Redis; `ask_model` asks the vision vendor, and
    `keys_ready` whether the keys of tokens have been known since the start.
    """

    backend: Backend
    cache: Cache | None
    model: str
    ask_model: Callable[[], Awaitable[bool]]
    keys_ready: Callable[[], Awaitable[bool]]


class Health:
    """Asks every part, each within 3 s."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self.draining = asyncio.Event()

    def drain(self) -> None:
        """Say from now on that no new work should come."""
        self.draining.set()

    async def ready(self) -> bool:
        """Whether calls can be served: storage answers, every migration is applied, and the keys of
        tokens have been known. When they are known no longer, another process knows no more.
        """
        if self.draining.is_set():
            return False
        mongodb, migrations, keys_ready = await asyncio.gather(
            self._mongodb(), self._migrations(), _answers(self._watched.keys_ready)
        )
        return mongodb["status"] != "down" and migrations["status"] == "ok" and keys_ready

    async def detailed(self) -> Mapping[str, object]:
        """Every part by its name; `status` is "ok" where all that is configured is well."""
        mongodb, redis, openai, migrations = await asyncio.gather(
            self._mongodb(), self._redis(), self._openai(), self._migrations()
        )
        parts = {"mongodb": mongodb, "redis": redis, "openai": openai, "migrations": migrations}
        well = all(part["status"] in {"ok", NOT_CONFIGURED} for part in parts.values())
        return {"status": "ok" if well else "degraded", **parts}

    async def _mongodb(self) -> Part:
        if self._watched.backend.name != "mongodb":
            return {"status": NOT_CONFIGURED, "storage": self._watched.backend.name}

        async def ping() -> bool:
            await self._watched.backend.ping()
            return True

        return {"status": "ok" if await _answers(ping) else "down"}

    async def _redis(self) -> Part:
        if self._watched.cache is None:
            return {"status": NOT_CONFIGURED, "cache": "memory"}
        return {"status": "ok" if await _answers(self._watched.cache.ping) else "down"}

    async def _openai(self) -> Part:
        well = await _answers(self._watched.ask_model)
        return {"status": "ok" if well else "down", "model": self._watched.model}

    async def _migrations(self) -> Part:
        pending: list[str] = []

        async def ask() -> bool:
            pending.extend(await self._watched.backend.pending_migrations())
            return True

        if not await _answers(ask):
            return {"status": "unknown", "pending": []}
        return {"status": "pending" if pending else "ok", "pending": pending}


async def _answers(ask: Callable[[], Awaitable[bool]]) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await ask()
    except (DatabaseError, TimeoutError):
        return False
