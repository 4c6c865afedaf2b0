"""What the services need of storage: one port for each noun, the user always first.

Every method may raise `DatabaseConnectionError` or `DatabaseQueryError`, and never a driver's own
error. Every write is durable (majority, journaled) before the method returns. A user sees only
their own records: what belongs to somebody else is as absent as what does not exist. The user named
first owns what is stored, whatever the record says. What is not an id of 24 hexadecimal digits, in
either case, is a `DatabaseQueryError`, and so is a new record under an id that is another user's.
Instants come back in UTC, cut to milliseconds.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dietcare.domain.analysis import Analysis
from dietcare.domain.goal import Goals
from dietcare.domain.ids import AnalysisId, MealId, SessionId, UserId
from dietcare.domain.meal import Meal, MealCursor, MealFilter, MealPage
from dietcare.domain.session import Session
from dietcare.domain.streak import StreakRecord


class DuplicateMealError(Exception):
    """A meal with this id is there already; carries it."""

    def __init__(self, meal: Meal) -> None:
        self.meal = meal
        super().__init__("a meal with this id exists")


class MealRepository(ABC):
    """The meals of one user at a time (collection `meal_logs`)."""

    @abstractmethod
    async def insert(self, user_id: UserId, meal: Meal) -> None:
        """Store a new meal.

        Raises:
            DuplicateMealError: this user has a meal with this id already.
        """

    @abstractmethod
    async def get(self, user_id: UserId, meal_id: MealId) -> Meal | None:
        """The meal, or None."""

    @abstractmethod
    async def replace(self, user_id: UserId, meal: Meal) -> bool:
        """Store `meal` over the version before it (`meal.version - 1`).

        False, and nothing is written, where the stored version is another one or the meal is gone.
        """

    @abstractmethod
    async def delete(self, user_id: UserId, meal_id: MealId) -> Meal | None:
        """Delete the meal and return what it was; None where there was none."""

    @abstractmethod
    async def page(self, user_id: UserId, where: MealFilter, *, skip: int, limit: int) -> MealPage:
        """Meals newest first by logged_at, ties by id descending, with the size of the list."""

    @abstractmethod
    async def page_after(
        self, user_id: UserId, where: MealFilter, cursor: MealCursor, *, limit: int
    ) -> MealPage:
        """As `page`, the meals that come after `cursor` in that order."""

    @abstractmethod
    async def between(self, user_id: UserId, first: date, last: date) -> Sequence[Meal]:
        """All meals of the local dates from `first` to `last`, both inclusive, oldest first."""

    @abstractmethod
    async def days(self, user_id: UserId) -> Sequence[date]:
        """The distinct local dates that have a meal, in any order."""

    @abstractmethod
    def all(self, user_id: UserId) -> AsyncIterator[Meal]:
        """Every meal, oldest first, ties by id, in constant memory."""

    @abstractmethod
    async def erase(self, user_id: UserId) -> int:
        """Delete every meal and say how many there were."""


class GoalRepository(ABC):
    """The goals of one user at a time (`diet_goals`), every version kept (`goal_history`)."""

    @abstractmethod
    async def get(self, user_id: UserId) -> Goals | None:
        """The goals in force, or None before the first."""

    @abstractmethod
    async def put(self, user_id: UserId, goals: Goals) -> bool:
        """Store `goals` over the version before it (`goals.version - 1`; version 1: none).

        False, and nothing is written, where the stored version is another one.
        """

    @abstractmethod
    async def versions(self, user_id: UserId) -> Sequence[Goals]:
        """Every version, oldest first."""

    @abstractmethod
    async def erase(self, user_id: UserId) -> int:
        """Delete the goals and their history; the number of goals in force deleted (0 or 1)."""


class SessionRepository(ABC):
    """The analysis sessions of one user at a time (`diet_sessions`)."""

    @abstractmethod
    async def current(self, user_id: UserId, now: datetime) -> Session | None:
        """The session that is open at `now`, or None.

        Where clocks differ there may be one that opens later: the one that expires first counts.
        """

    @abstractmethod
    async def take(self, user_id: UserId, fresh: Session, units: int) -> Session | None:
        """Count one analysis in the session open at `fresh.created_at`, atomically.

        Opens `fresh` (with one analysis counted) where none is open. None where the open session
        has `units` analyses already, or `units` is 0. At most one session is open, whatever is
        concurrent. The id of `fresh` is new with every call.
        """

    @abstractmethod
    async def give_back(self, user_id: UserId, session_id: SessionId) -> None:
        """Count one analysis less, never below 0."""

    @abstractmethod
    async def erase(self, user_id: UserId) -> int:
        """Delete every session and say how many there were."""


class AnalysisRepository(ABC):
    """The analyses of one user at a time (`nutrition_analyses`)."""

    @abstractmethod
    async def insert(self, user_id: UserId, analysis: Analysis) -> None:
        """Store a new analysis.

        Raises:
            DatabaseQueryError: among others, where there is an analysis with this id already.
        """

    @abstractmethod
    async def get(self, user_id: UserId, analysis_id: AnalysisId) -> Analysis | None:
        """The analysis, or None."""

    @abstractmethod
    def all(self, user_id: UserId) -> AsyncIterator[Analysis]:
        """Every analysis, oldest first, in constant memory."""

    @abstractmethod
    async def erase(self, user_id: UserId) -> int:
        """Delete every analysis and say how many there were."""


class StreakRepository(ABC):
    """The materialised streak of one user at a time (`user_streaks`)."""

    @abstractmethod
    async def get(self, user_id: UserId) -> StreakRecord | None:
        """The stored record, or None."""

    @abstractmethod
    async def put(self, user_id: UserId, record: StreakRecord) -> bool:
        """Store `record` over the revision before it (`record.revision - 1`; revision 1: none).

        False, and nothing is written, where the stored revision is another one.
        """

    @abstractmethod
    async def erase(self, user_id: UserId) -> int:
        """Delete the record and say how many there were (0 or 1)."""


@dataclass(frozen=True, slots=True)
class Repositories:
    """One of each, over one backend."""

    meals: MealRepository
    goals: GoalRepository
    sessions: SessionRepository
    analyses: AnalysisRepository
    streaks: StreakRepository


class Backend(ABC):
    """A place where everything is stored."""

    name: str
    """What health answers call it."""

    @property
    @abstractmethod
    def repositories(self) -> Repositories:
        """The repositories over this backend."""

    @abstractmethod
    async def ping(self) -> None:
        """Return when the backend answers; raise `DatabaseConnectionError` when not."""

    @abstractmethod
    async def migrate(self) -> Sequence[str]:
        """Apply the migrations that are missing, in order, and name them."""

    @abstractmethod
    async def pending_migrations(self) -> Sequence[str]:
        """Name the migrations that are missing."""

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of every connection."""
