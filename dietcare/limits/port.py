"""What a limit must do, and the counters that most of them stand on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dietcare.domain.ids import SessionId, UserId
from dietcare.domain.quota import LimitName, LimitStatus


@dataclass(frozen=True, slots=True)
class Ticket:
    """One unit taken: what is left after it, and where to give it back."""

    status: LimitStatus
    key: str
    session_id: SessionId | None = None


class UserLimit(ABC):
    """One limit of every user."""

    @abstractmethod
    async def take(self, user_id: UserId) -> Ticket:
        """Take a unit in one atomic step.

        Raises:
            RateLimitExceededError: none is left.
        """

    @abstractmethod
    async def give_back(self, user_id: UserId, ticket: Ticket) -> LimitStatus:
        """Give the unit back, and say what is left then."""

    @abstractmethod
    async def status(self, user_id: UserId) -> LimitStatus:
        """What is left; costs nothing."""


UserLimits = Mapping[LimitName, UserLimit]


class Counters(ABC):
    """Counters that only ever count to a maximum, each until it expires."""

    @abstractmethod
    async def take(self, key: str, maximum: int, expires_at: datetime) -> int | None:
        """Count one more and return the count; None, and nothing counted, at `maximum`."""

    @abstractmethod
    async def give_back(self, key: str) -> int:
        """Count one less, never below 0, and return the count."""

    @abstractmethod
    async def count(self, key: str) -> int:
        """The count; 0 where nothing was counted."""
