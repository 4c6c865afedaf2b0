"""Takes units and gives them back, so that no cancellation loses one."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from dietcare.domain.ids import UserId
from dietcare.domain.quota import LimitStatus
from dietcare.limits.port import Ticket, UserLimit

GIVE_BACK_S = 10.0
# How long an answer waits for its unit to be given back; after that it is done behind its back.
PATIENCE_S = 0.5

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Units:
    """A step that was begun is finished, also where its caller is cancelled meanwhile.

    `on_lost` is told of every unit that could not be given back.
    """

    def __init__(self, on_lost: Callable[[], None] = lambda: None) -> None:
        self._on_lost = on_lost
        self._running: set[asyncio.Task[Any]] = set()

    async def take(self, limit: UserLimit, user_id: UserId) -> Ticket:
        """Take a unit; a cancelled caller has taken none, now or a moment later.

        Raises:
            RateLimitExceededError: none is left.
        """
        taking = self._start(limit.take(user_id))
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            self._start(self._undo(limit, user_id, taking))
            raise

    async def give_back(
        self, limit: UserLimit, user_id: UserId, ticket: Ticket
    ) -> LimitStatus | None:
        """Give a unit back, and say what is left; None where that is not known within 0.5 s."""
        giving = self._start(self._give_back(limit, user_id, ticket))
        done, _ = await asyncio.wait({giving}, timeout=PATIENCE_S)
        return giving.result() if done else None

    async def aclose(self) -> None:
        """Finish what was begun."""
        while self._running:
            await asyncio.wait(self._running)

    async def _undo(self, limit: UserLimit, user_id: UserId, taking: asyncio.Task[Ticket]) -> None:
        await asyncio.wait({taking})
        if not taking.cancelled() and taking.exception() is None:
            await self._give_back(limit, user_id, taking.result())

    async def _give_back(
        self, limit: UserLimit, user_id: UserId, ticket: Ticket
    ) -> LimitStatus | None:
        # Never tried again: a unit given back twice would be one too many.
        try:
            async with asyncio.timeout(GIVE_BACK_S):
                return await limit.give_back(user_id, ticket)
        except Exception as error:
            _log.warning("a unit was not given back: %s", type(error).__name__)
            self._on_lost()
            return None

    def _start(self, step: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(step)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task
