"""How many calls a user may make, and what is left of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class LimitName(StrEnum):
    """A limit, by the endpoint that it bounds."""

    ANALYSES = "analyses"
    MEALS = "meals"
    GOAL_UPDATES = "goal_updates"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `units` in each window of `window_s` seconds."""

    name: LimitName
    units: int
    window_s: int

    def window(self, now: datetime) -> int:
        """The number of the fixed window that `now` is in, counted from the epoch."""
        return int(now.timestamp()) // self.window_s

    def resets_at(self, now: datetime) -> datetime:
        """When the window of `now` ends."""
        return datetime.fromtimestamp((self.window(now) + 1) * self.window_s, UTC)


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """What is left of a limit: `remaining` is never negative, `reset_at` when it is whole again."""

    limit: int
    remaining: int
    reset_at: datetime


ANALYSES_WINDOW = timedelta(hours=1)
DAY_WINDOW_S = 86_400
