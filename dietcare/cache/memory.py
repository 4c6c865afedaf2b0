"""A cache in this process, bounded, for where this process is the only one."""

from collections.abc import Callable

from cachetools import TLRUCache

from dietcare.cache.port import VERSION_END, Cache, versioned

ENTRIES_MAX = 10_000


class MemoryCache(Cache):
    """The least recently used entry goes first; `timer` gives monotonic seconds.

    No method ever waits, so each is one atomic step.
    """

    def __init__(self, timer: Callable[[], float]) -> None:
        self._entries: TLRUCache[str, tuple[bytes, float]] = TLRUCache(
            ENTRIES_MAX, ttu=lambda _key, entry, now: now + entry[1], timer=timer
        )

    async def get(self, key: str) -> bytes | None:
        entry = self._entries.get(key)
        return entry[0] if entry else None

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        self._entries[key] = (value, ttl_s)

    async def put_version(self, key: str, version: int, value: bytes, ttl_s: float) -> bool:
        there = (await self.get(key) or b"").partition(VERSION_END)[0]
        if not there.isdigit() or int(there) <= version:
            await self.put(key, versioned(version, value), ttl_s)
        return True

    async def drop(self, key: str) -> None:
        self._entries.pop(key, None)

    async def ping(self) -> bool:
        return True

    async def aclose(self) -> None:
        self._entries.clear()
