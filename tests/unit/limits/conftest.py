"""Counters that tests can stop."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from dietcare.domain.quota import Window
from dietcare.limits.port import CountersUnavailableError
from dietcare.repositories.memory.counters import MemoryCounters


class GatedCounters(MemoryCounters):
    """Waits at a gate in every call, which may then fail; `asked` names the calls that came."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.fails_after: Exception | None = None

    async def take(self, user_id: str, window: Window, maximum: int, now: datetime) -> Any:
        await self._pass("take")
        return self._after(await super().take(user_id, window, maximum, now))

    async def give_back(self, user_id: str, window: Window, now: datetime) -> int:
        await self._pass("give_back")
        return int(self._after(await super().give_back(user_id, window, now)))

    async def read(self, user_id: str, window: Window, now: datetime) -> int:
        """The count, past the gate."""
        return await super().count(user_id, window, now)

    async def _pass(self, name: str) -> None:
        self.asked.append(name)
        await self.open.wait()
        if self.error is not None:
            raise self.error

    def _after(self, answer: Any) -> Any:
        if self.fails_after is not None:
            raise self.fails_after
        return answer


@pytest.fixture
def gated() -> GatedCounters:
    return GatedCounters()


@pytest.fixture
def unavailable() -> Exception:
    return CountersUnavailableError("ConnectionError")
