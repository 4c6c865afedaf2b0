"""What a limit of every user must do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from dietcare.domain.ids import SessionId, UserId
from dietcare.domain.quota import LimitName, LimitStatus, Window
from dietcare.repositories.port import Counters


class CountersUnavailableError(Exception):
    """The counters do not answer; whether the unit was counted is unknown."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Where a unit was counted, and so where it is given back."""

    window: Window
    by: Counters


@dataclass(frozen=True, slots=True)
class Ticket:
    """One unit taken: what is left after it, and the session or counter that it is from."""

    status: LimitStatus
    session_id: SessionId | None = None
    counted: Counted | None = None


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
        """Give the unit back to where it is from, and say what is left now."""

    @abstractmethod
    async def status(self, user_id: UserId) -> LimitStatus:
        """What is left; costs nothing."""


UserLimits = Mapping[LimitName, UserLimit]
