"""Everything that is kept of a user: each collection and each cache key, in this one place.

What an erasure deletes is what is listed here, in this order. Tests fail where a collection or a
key appears that is not listed, and where something listed outlives an erasure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dietcare.repositories.port import Held, Repositories


@dataclass(frozen=True, slots=True)
class Holders:
    """Whatever holds records of users."""

    stored: Repositories
    sessions: Held
    streaks: Held


@dataclass(frozen=True, slots=True)
class Holding:
    """A kind of record that is kept of users."""

    names: tuple[str, ...]
    """Collections, and forms of cache keys."""
    found_by: str
    """What names the user in it."""
    export: str
    """The type of record that exports have of it, or why they have none."""
    held: Callable[[Holders], Held] | None = None
    """What erases it; None: an erasure leaves it."""
    counted_as: str = ""
    """How an answer calls their number; empty: it is not told."""
    stays: str = ""
    """Why something of it is there after an erasure, and until when."""


HOLDINGS = (
    Holding(
        ("idempotency_keys",),
        found_by="user_id",
        export="no: copies of answers, whose meals and analyses are in it",
        held=lambda them: them.stored.idempotency,
    ),
    Holding(
        ("meal_logs",),
        found_by="user_id",
        export="meal",
        held=lambda them: them.stored.meals,
        counted_as="meals",
    ),
    Holding(
        ("meal_logs_archive",),
        found_by="user_id",
        export="meal",
        held=lambda them: them.stored.archive,
    ),
    Holding(
        ("nutrition_analyses",),
        found_by="user_id",
        export="analysis",
        held=lambda them: them.stored.analyses,
        counted_as="analyses",
    ),
    Holding(
        ("diet_goals", "goal_history", "diet:goal:{user_id}"),
        found_by="user_id",
        export="goals",
        held=lambda them: them.stored.goals,
        counted_as="goals",
    ),
    Holding(
        ("diet_sessions",),
        found_by="user_id: the keyed hash of the user's id",
        export="no: a counter, which GetQuota tells",
        held=lambda them: them.sessions,
        counted_as="sessions",
        stays="the open one is the limit of the running hour, and goes when that is over",
    ),
    # After the meals: it is computed from them.
    Holding(
        ("user_streaks",),
        found_by="user_id",
        export="streak",
        held=lambda them: them.streaks,
        counted_as="streaks",
    ),
    Holding(
        ("rate_limits", "rate:{subject}:{endpoint}:{window}"),
        found_by="user_id and key: the keyed hash of the user's id, or of an address",
        export="no: counters, which GetQuota tells",
        stays="the limits of the running windows; each goes an hour after its window",
    ),
    Holding(
        ("audit_log",),
        found_by="user_id",
        export="no: it tells of those who asked; dietcare audit shows it",
        stays="who was let at whose records, without any of them; for good",
    ),
    Holding(
        ("erasures",),
        found_by="user_id",
        export="no: it is there only while there is nothing to export",
        stays="keeps late writes out, and goes four minutes after the erasure",
    ),
)

OF_NOBODY: Mapping[str, str] = {
    "foods": "what foods are made of, from national tables",
    "schema_migrations": "which migrations were applied",
    "diet:analysis:{pixel_hash}": "what was seen in a picture, whoever showed it; for a day",
}


def registered(name: str) -> str | None:
    """The name or form in the registry that a collection or a key has; None where it has none."""
    names = [each for holding in HOLDINGS for each in holding.names]
    return next((each for each in (*names, *OF_NOBODY) if _pattern(each).fullmatch(name)), None)


def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(form)))
