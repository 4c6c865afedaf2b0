"""Counters in this process over others that outlive it: for where no other process counts."""

import asyncio
from datetime import datetime

from dietcare.domain.quota import Window
from dietcare.repositories.memory.counters import MemoryCounters
from dietcare.repositories.port import Counters, Taken, counter_name


class SeededCounters(Counters):
    """Refuses from memory; what it grants is in `inner` before the caller goes on.

    A counter's first use reads it from `inner`, once however many ask at the time. `inner` has the
    last word on every unit: should somebody else count there after all, or a write have failed
    half-way, memory forgets the counter and reads it anew, and no unit too many is granted.
    """

    def __init__(self, inner: Counters) -> None:
        self._inner = inner
        self._here = MemoryCounters()
        self._seeding: dict[str, asyncio.Task[None]] = {}

    async def take(self, user_id: str, window: Window, maximum: int, now: datetime) -> Taken | None:
        await self._seed(user_id, window, now)
        if await self._here.take(user_id, window, maximum, now) is None:
            return None
        taken = None
        try:
            taken = await self._inner.take(user_id, window, maximum, now)
        finally:
            if taken is None:
                self._forget(user_id, window)
        return None if taken is None else Taken(taken.count, self)

    async def give_back(self, user_id: str, window: Window, now: datetime) -> int:
        try:
            return await self._inner.give_back(user_id, window, now)
        finally:
            self._forget(user_id, window)

    async def count(self, user_id: str, window: Window, now: datetime) -> int:
        await self._seed(user_id, window, now)
        return await self._here.count(user_id, window, now)

    async def _seed(self, user_id: str, window: Window, now: datetime) -> None:
        name = counter_name(user_id, window)
        while not self._here.has(user_id, window):
            seeding = self._seeding.get(name)
            if seeding is None:
                seeding = asyncio.create_task(self._read(user_id, window, now))
                self._seeding[name] = seeding
            # It is everybody's who waits: one of them that is cancelled does not cancel it.
            await asyncio.shield(seeding)

    async def _read(self, user_id: str, window: Window, now: datetime) -> None:
        name = counter_name(user_id, window)
        try:
            count = await self._inner.count(user_id, window, now)
            if self._seeding.get(name) is asyncio.current_task():
                self._here.set(user_id, window, count)
        finally:
            if self._seeding.get(name) is asyncio.current_task():
                del self._seeding[name]

    def _forget(self, user_id: str, window: Window) -> None:
        """Also what is being read: it may be of before."""
        self._here.forget(user_id, window)
        self._seeding.pop(counter_name(user_id, window), None)
