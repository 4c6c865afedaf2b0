"""Turns: what concerns one user is done one after the other in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from dietcare.domain.ids import UserId


class Turns:
    """Spares conditional writes their retries; nothing may rely on it to be right."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, user_id: UserId) -> AsyncIterator[None]:
        """Wait for the user's turn, and have it until the block ends."""
        lock = self._locks.setdefault(user_id.lower(), asyncio.Lock())
        async with lock:
            yield
