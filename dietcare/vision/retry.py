"""Asks once more where that may help, within a budget of time."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace

from dietcare.vision.port import (
    ImpossibleSightingError,
    Picture,
    Sighting,
    UnansweredError,
    VisionModel,
)
from dietcare.vision.timer import Timer

RETRIES = 2
PAUSE_S = 0.25
"""The longest pause before the first repetition; twice as long before each next one."""


class RetryingVisionModel(VisionModel):
    """Repeats a call that was not answered, at most twice, and asks once more after an impossible
    answer, naming the trouble.

    A pause is as long as the model asked for, and a random time (`jitter`) on top. Nothing is
    repeated, or goes on repeating, later than `budget_s` seconds after the picture came.
    """

    def __init__(
        self,
        inner: VisionModel,
        timer: Timer,
        *,
        budget_s: float,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._inner = inner
        self._timer = timer
        self._budget_s = budget_s
        self._jitter = jitter

    async def look(self, picture: Picture) -> Sighting:
        end = self._timer.now() + self._budget_s
        try:
            # The first try is not cut: the model's own timeout ends it, which the breaker sees.
            return await self._persistently(picture, end, limit_s=None)
        except ImpossibleSightingError as error:
            tokens = error.tokens
        doubted = replace(picture, is_doubted=True)
        sighting = await self._persistently(doubted, end, limit_s=end - self._timer.now())
        return replace(sighting, tokens=tokens + sighting.tokens)

    async def _persistently(self, picture: Picture, end: float, limit_s: float | None) -> Sighting:
        for number in range(RETRIES):
            try:
                return await self._within(limit_s, picture)
            except UnansweredError as error:
                failure = error
            pause_s = failure.retry_after_s + self._jitter(0, PAUSE_S * 2**number)
            if self._timer.now() + pause_s >= end:
                raise failure
            await self._timer.sleep(pause_s)
            limit_s = end - self._timer.now()
        return await self._within(limit_s, picture)

    async def _within(self, limit_s: float | None, picture: Picture) -> Sighting:
        try:
            async with asyncio.timeout(limit_s):
                return await self._inner.look(picture)
        except TimeoutError:
            pass
        raise UnansweredError
