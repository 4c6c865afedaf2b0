"""How many calls a user may make, and what is left of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class LimitName(StrEnum):
    """A limit, by the endpoint that it bounds."""

    ANALYSES = "analyses"
    MEALS = "meals"
    GOAL_UPDATES = "goal_updates"
    CALLS = "calls"
    """Every call, by the address that it comes from."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which units are counted, from none, until it `resets_at`.

    `key` is never that of another window: what is counted late in one is not in the next.
    """

    key: str
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `units` in each window of `window_s` seconds; windows are aligned to the epoch."""

    name: LimitName
    units: int
    window_s: int

    def window(self, now: datetime) -> Window:
        """The window that `now` is in."""
        number = int(now.timestamp()) // self.window_s
        resets_at = datetime.fromtimestamp((number + 1) * self.window_s, UTC)
        return Window(f"{self.name.value}:{number}", resets_at)


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """What is left of a limit: `remaining` is never negative, `reset_at` when it is whole again."""

    limit: int
    remaining: int
    reset_at: datetime


DAY_WINDOW_S = 86_400
MINUTE_WINDOW_S = 60
