"""The streak is derived from the meals: what is stored of it is only ever a copy."""

from dataclasses import replace
from datetime import date

from dietcare.clock import Clock
from dietcare.domain import calendar
from dietcare.domain.calendar import DAY
from dietcare.domain.ids import UserId
from dietcare.domain.streak import HISTORY_DAYS, Streak, StreakRecord, record_of
from dietcare.repositories.port import MealRepository, StreakRepository


class StreakService:
    """Keeps the stored streak equal to the meals."""

    def __init__(self, streaks: StreakRepository, meals: MealRepository, clock: Clock) -> None:
        self._streaks = streaks
        self._meals = meals
        self._clock = clock

    async def get(self, user_id: UserId, zone_name: str) -> Streak:
        """The streak as seen on today's date in the zone, by the meals themselves.

        The stored copy is repaired where it lags behind: whoever changed the meals may have died
        before it took that in.
        """
        return (await self._repair(user_id)).on(self._today(zone_name))

    async def logged(self, user_id: UserId, day: date, zone_name: str) -> Streak:
        """Take in a meal that was logged for `day`."""
        record = await self._streaks.get(user_id) or StreakRecord()
        extended = _extended(record, day)
        if extended is None or not await self._streaks.put(user_id, extended):
            extended = await self._recompute(user_id)
        return extended.on(self._today(zone_name))

    async def changed(self, user_id: UserId, zone_name: str) -> Streak:
        """Take in any other change of the meals."""
        return (await self._recompute(user_id)).on(self._today(zone_name))

    async def _repair(self, user_id: UserId) -> StreakRecord:
        stored = await self._streaks.get(user_id) or StreakRecord()
        computed = record_of(await self._meals.days(user_id), stored.revision)
        return stored if computed == stored else await self._recompute(user_id)

    async def _recompute(self, user_id: UserId) -> StreakRecord:
        """Read the revision first and the meals after it: whoever changes the meals meanwhile
        finds the revision moved, or moves it, and computes again.
        """
        while True:
            before = await self._streaks.get(user_id) or StreakRecord()
            record = record_of(await self._meals.days(user_id), before.revision + 1)
            if await self._streaks.put(user_id, record):
                return record

    def _today(self, zone_name: str) -> date:
        return calendar.local_date(self._clock.now(), zone_name)


def _extended(record: StreakRecord, day: date) -> StreakRecord | None:
    """The record with a meal more on its newest date or on the one after; None for other dates.

    The revision moves in either case: it says that the meals have changed.
    """
    if record.last_logged_date == day:
        return replace(record, revision=record.revision + 1)
    if record.last_logged_date is None or record.last_logged_date + DAY != day:
        return None
    run = record.last_run + 1
    return StreakRecord(
        last_run=run,
        longest_streak=max(record.longest_streak, run),
        last_logged_date=day,
        total_days_logged=record.total_days_logged + 1,
        history=(day, *record.history)[:HISTORY_DAYS],
        revision=record.revision + 1,
    )
