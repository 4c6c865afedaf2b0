"""The logging streak: consecutive local dates with at least one meal, and how it is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dietcare.domain.calendar import DAY

HISTORY_DAYS = 366
INTENT_LIFETIME = timedelta(seconds=120)
"""Longer than any change of the meals may take (an erasure: 60 s): an older one's owner is dead."""


@dataclass(frozen=True, slots=True)
class Streak:
    """A streak as it stood on some day; `last_logged_date` is None without any meal."""

    current_streak: int = 0
    longest_streak: int = 0
    last_logged_date: date | None = None
    total_days_logged: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """Somebody is about to change the meals, or died while changing them."""

    id: str
    at: datetime

    def is_abandoned(self, now: datetime) -> bool:
        """Whether nobody can be at work on it any more."""
        return now - self.at > INTENT_LIFETIME


@dataclass(frozen=True, slots=True)
class StreakRecord:
    """What is stored: the newest run, independent of what day it is today, and the meals' number.

    `meals_total` is None where the record must be computed from the meals before it is used.
    `history` has the newest dates with a meal, newest first; only who writes a record gives it.
    """

    last_run: int = 0
    longest_streak: int = 0
    last_logged_date: date | None = None
    total_days_logged: int = 0
    history: tuple[date, ...] = ()
    revision: int = 0
    meals_total: int | None = None
    intents: tuple[Intent, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether it says what the meals say."""
        return self.meals_total is not None and not self.intents

    def on(self, today: date) -> Streak | None:
        """The streak as seen on `today`: a run that ended before yesterday is over.

        A traveller's newest date may lie ahead of `today`; None where, for that, the record does
        not tell and all the dates are needed.
        """
        run = self._run_until(today)
        if run is None:
            return None
        return Streak(run, self.longest_streak, self.last_logged_date, self.total_days_logged)

    def _run_until(self, today: date) -> int | None:
        newest = self.last_logged_date
        if newest is None or newest < today - DAY:
            return 0
        ahead = max(0, (newest - today).days)
        if ahead == 0 or ahead < self.last_run:
            return self.last_run - ahead
        return 0 if self.total_days_logged == self.last_run else None


def record_of(meals_on: Mapping[date, int]) -> StreakRecord:
    """Compute the record from the number of meals on each date that has one."""
    logged = sorted(meals_on)
    runs = _runs(logged)
    return StreakRecord(
        last_run=runs[-1] if runs else 0,
        longest_streak=max(runs, default=0),
        last_logged_date=logged[-1] if logged else None,
        total_days_logged=len(logged),
        history=tuple(reversed(logged[-HISTORY_DAYS:])),
        meals_total=sum(meals_on.values()),
    )


def streak(days: Iterable[date], today: date) -> Streak:
    """The streak on `today` of the dates that have a meal."""
    logged = sorted(set(days))
    whole = record_of(dict.fromkeys(logged, 1))
    past = _runs([day for day in logged if day <= today])
    counts = bool({today, today - DAY} & set(logged))
    return Streak(
        past[-1] if past and counts else 0,
        whole.longest_streak,
        whole.last_logged_date,
        whole.total_days_logged,
    )


def extended(record: StreakRecord, day: date) -> StreakRecord | None:
    """The record with one meal more on its newest date or the one after; None for other dates.

    Its `history` has what comes before the history that is stored.
    """
    if record.meals_total is None:
        return None
    more = replace(record, history=(), meals_total=record.meals_total + 1)
    if record.last_logged_date == day:
        return more
    if record.last_logged_date is not None and record.last_logged_date + DAY != day:
        return None
    run = record.last_run + 1
    return replace(
        more,
        last_run=run,
        longest_streak=max(record.longest_streak, run),
        last_logged_date=day,
        total_days_logged=record.total_days_logged + 1,
        history=(day,),
    )


def _runs(logged: list[date]) -> list[int]:
    """The lengths of the runs of consecutive dates, in the order of `logged`, which is sorted."""
    runs: list[int] = []
    for index, day in enumerate(logged):
        if index and day - logged[index - 1] == DAY:
            runs[-1] += 1
        else:
            runs.append(1)
    return runs
