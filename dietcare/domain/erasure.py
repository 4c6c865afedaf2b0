"""The erasure of a user: what is noted of it while it goes on, and for a while after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dietcare.domain.ids import UserId

REMEMBERED = timedelta(seconds=240)
"""How long an erasure that has ended is remembered.

Longer than the calls that it met, and what they leave running, may last (an analysis with a key:
35 s to wait for its turn, 35 s of work), and after that an intent of theirs (120 s).
"""

LEASE = timedelta(seconds=75)
"""Longer than a call that erases may take (60 s): from then on nobody is at work on it."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure of one user."""

    id: str
    user_id: UserId
    owner: str
    """Names the process at work on it."""
    began_at: datetime
    erased_at: datetime | None = None
    """When everything was gone: from then on the user may start anew."""
    counts: Mapping[str, int] | None = field(default=None, hash=False)
    """How many records of each kind there were; None before they are counted."""

    @property
    def is_done(self) -> bool:
        """Whether everything is gone."""
        return self.erased_at is not None

    def is_over(self, now: datetime) -> bool:
        """Whether nothing can come late any more of a call that it met."""
        return self.erased_at is not None and now - self.erased_at > REMEMBERED


@dataclass(frozen=True, slots=True)
class Spared:
    """What an erasure leaves alone."""

    ids: frozenset[str] = frozenset()
    """Of records that were made by calls which began after it."""
    may_start: bool = False
    """Whether the user may start anew already, so that there may be such calls."""
