"""The logging streak: consecutive local dates with at least one meal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dietcare.domain.calendar import DAY

HISTORY_DAYS = 366


@dataclass(frozen=True, slots=True)
class Streak:
    """A streak as it stood on some day; `last_logged_date` is None without any meal."""

    current_streak: int = 0
    longest_streak: int = 0
    last_logged_date: date | None = None
    total_days_logged: int = 0


@dataclass(frozen=True, slots=True)
class StreakRecord:
    """What is stored: the newest run, independent of what day it is today.

    `history` has the newest dates with a meal, newest first, at most 366.
    """

    last_run: int = 0
    longest_streak: int = 0
    last_logged_date: date | None = None
    total_days_logged: int = 0
    history: tuple[date, ...] = ()
    revision: int = 0

    def on(self, today: date) -> Streak:
        """The streak as seen on `today`: a run that ended before yesterday is over."""
        return Streak(
            current_streak=self._run_until(today),
            longest_streak=self.longest_streak,
            last_logged_date=self.last_logged_date,
            total_days_logged=self.total_days_logged,
        )

    def _run_until(self, today: date) -> int:
        newest = self.last_logged_date
        if newest is not None and newest > today:
            return self._run_before_future(newest, today)
        return self.last_run if newest is not None and newest >= today - DAY else 0

    def _run_before_future(self, newest: date, today: date) -> int:
        """A traveller's newest date may lie ahead of `today`: count without the dates ahead."""
        past = [day for day in self.history if day <= today]
        if not past or past[0] < today - DAY:
            return 0
        ahead = (newest - past[0]).days
        if self.last_run > ahead:
            return self.last_run - ahead
        return record_of(past).last_run


def record_of(days: Iterable[date], revision: int = 0) -> StreakRecord:
    """Compute the record from the dates that have a meal, in any order."""
    logged = sorted(set(days))
    longest = run = 0
    previous: date | None = None
    for day in logged:
        run = run + 1 if previous is not None and day - previous == DAY else 1
        longest = max(longest, run)
        previous = day
    return StreakRecord(
        last_run=run,
        longest_streak=longest,
        last_logged_date=previous,
        total_days_logged=len(logged),
        history=tuple(reversed(logged[-HISTORY_DAYS:])),
        revision=revision,
    )


def streak(days: Iterable[date], today: date) -> Streak:
    """The streak on `today` of the dates that have a meal."""
    return record_of(days).on(today)
