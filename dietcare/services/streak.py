"""The streak and the number of meals, as they are read, and the way to change the meals."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TypeVar

from dietcare.clock import Clock
from dietcare.domain import calendar
from dietcare.domain.ids import IdFactory, UserId
from dietcare.domain.streak import Streak, StreakRecord, streak
from dietcare.repositories.port import MealRepository, StreakRepository
from dietcare.services.bookkeeping import Bookkeeper, Changed
from dietcare.services.shielded import Shielded
from dietcare.services.turns import Turns

T = TypeVar("T")


class StreakService:
    """What the meals say of days and numbers. It is right whenever nobody changes them."""

    def __init__(
        self,
        streaks: StreakRepository,
        meals: MealRepository,
        clock: Clock,
        new_id: IdFactory,
        shielded: Shielded,
    ) -> None:
        self._meals = meals
        self._clock = clock
        self._books = Bookkeeper(streaks, meals, clock, new_id)
        self._shielded = shielded
        self._turns = Turns()

    async def get(self, user_id: UserId, zone_name: str) -> Streak:
        """The streak as seen on today's date in the zone."""
        return await self._seen(user_id, await self._books.read(user_id), zone_name)

    async def meals_total(self, user_id: UserId) -> int:
        """How many meals the user has."""
        return (await self._books.read(user_id)).meals_total or 0

    async def changing(
        self, user_id: UserId, zone_name: str, change: Callable[[], Awaitable[Changed[T]]]
    ) -> tuple[T, Streak]:
        """Do `change`, which changes the user's meals, and return its answer and the streak then.

        Once it has begun it goes on to its end, also when the caller is gone.
        """
        async with self._turns.of(user_id):
            answer, record = await self._shielded.run(self._books.around(user_id, change))
        return answer, await self._seen(user_id, record, zone_name)

    async def _seen(self, user_id: UserId, record: StreakRecord, zone_name: str) -> Streak:
        today = self._today(zone_name)
        seen = record.on(today)
        return seen if seen is not None else streak(await self._meals.tally(user_id), today)

    def _today(self, zone_name: str) -> date:
        return calendar.local_date(self._clock.now(), zone_name)
