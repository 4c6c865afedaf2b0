"""What the services need of storage: one port for each noun, the user always first.

(`FoodRepository` has no user: what a food is made of belongs to nobody. And whoever looks after
erasures asks for everyone's.)

Every method may raise `DatabaseConnectionError` or `DatabaseQueryError`, and never a driver's own
error. Every write is durable (majority, journaled) before the method returns. A user sees only
their own records: what belongs to somebody else is as absent as what does not exist. The user named
first owns what is stored, whatever the record says. What is not an id of 24 hexadecimal digits, in
either case, is a `DatabaseQueryError`, and so is a new record under an id that is another user's.
Instants come back in UTC, cut to milliseconds.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dietcare.domain.analysis import Analysis
from dietcare.domain.audit import AuditEntry
from dietcare.domain.composition import FoodRow
from dietcare.domain.erasure import Erasure, Spared
from dietcare.domain.goal import Goals
from dietcare.domain.idempotency import IdempotencyRecord
from dietcare.domain.ids import AnalysisId, MealId, SessionId, UserId
from dietcare.domain.meal import Intake, Meal, MealCursor, MealFilter, MealPage
from dietcare.domain.quota import Window
from dietcare.domain.session import Session
from dietcare.domain.streak import Intent, StreakRecord


class DuplicateMealError(Exception):
    """A meal with this id is there already; carries it."""

    def __init__(self, meal: Meal) -> None:
        self.meal = meal
        super().__init__("a meal with this id exists")


Spare = Callable[[], Awaitable[Spared | None]]
"""What to leave alone of what was just listed; None: whoever asks shall erase nothing more."""


async def nothing() -> Spared:
    """Spare nothing."""
    return Spared()


class Held(ABC):
    """Records of one user at a time, which can be counted and erased."""

    @abstractmethod
    async def count(self, user_id: UserId) -> int:
        """How many there are."""

    @abstractmethod
    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        """Delete them and say how many there were.

        In batches: what is there is listed, then `spare` is asked, then what it does not spare is
        deleted. So what was noted as spared before it was stored is never deleted.
        """


class MealHistory(Held):
    """Meals of one user at a time, which can be read whole."""

    @abstractmethod
    def all(self, user_id: UserId) -> AsyncGenerator[Meal, None]:
        """Every meal, oldest first, ties by id, as of one moment, in constant memory."""


class MealRepository(MealHistory):
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
    async def delete(
        self, user_id: UserId, meal_id: MealId, *, versions: frozenset[int] | None = None
    ) -> Meal | None:
        """Delete the meal and return what it was; None where there was none.

        Of `versions` it must be one, where they are given, else nothing is deleted.
        """

    @abstractmethod
    async def page(
        self,
        user_id: UserId,
        where: MealFilter,
        *,
        skip: int,
        limit: int,
        total: int | None = None,
    ) -> MealPage:
        """Meals newest first by logged_at, ties by id descending, with the size of the list.

        That is `total` where it is given: who knows it spares the counting.
        """

    @abstractmethod
    async def page_after(
        self,
        user_id: UserId,
        where: MealFilter,
        cursor: MealCursor,
        *,
        limit: int,
        total: int | None = None,
    ) -> MealPage:
        """As `page`, the meals that come after `cursor` in that order."""

    @abstractmethod
    async def between(self, user_id: UserId, first: date, last: date) -> Sequence[Intake]:
        """What was eaten on the local dates from `first` to `last`, both inclusive, oldest first.

        Ties by id. Reads no more of the meals than that.
        """

    @abstractmethod
    async def tally(self, user_id: UserId) -> Mapping[date, int]:
        """How many meals each local date has that has one, from an index alone."""


class GoalRepository(Held):
    """The goals of one user at a time (`diet_goals`), every version kept (`goal_history`).

    What is counted, and spared by its id, are goals in force: 0 or 1. Their history goes with them.
    """

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
    async def versions_between(
        self, user_id: UserId, first: datetime, last: datetime
    ) -> Sequence[Goals]:
        """The versions that matter from `first` to `last`, oldest first.

        The last one that was stored by `first`, or else the very first one, which also holds for
        all the time before it; and those stored after `first` and by `last`.
        """


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
    async def count(self, user_id: UserId, now: datetime) -> int:
        """How many sessions are closed at `now`."""

    @abstractmethod
    async def erase(self, user_id: UserId, now: datetime) -> int:
        """Delete every session that is closed at `now` and say how many there were."""


class AnalysisRepository(Held):
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
    def all(self, user_id: UserId) -> AsyncGenerator[Analysis, None]:
        """Every analysis, oldest first, as of one moment, in constant memory."""


class StreakRepository(ABC):
    """The materialised streak of one user at a time (`user_streaks`), and the meals' number.

    Who changes the meals begins with an intent and settles it afterwards: see decision 0009.
    """

    @abstractmethod
    async def get(self, user_id: UserId) -> StreakRecord | None:
        """The stored record without its history, or None."""

    @abstractmethod
    async def history(self, user_id: UserId) -> Sequence[date]:
        """The newest dates with a meal as they are stored, newest first, at most 366."""

    @abstractmethod
    async def begin(self, user_id: UserId, intent: Intent) -> StreakRecord:
        """Add `intent` to the record, one revision on, and return it as `get` does.

        Makes a record that nobody may trust yet (without `meals_total`) where there is none.
        """

    @abstractmethod
    async def settle(
        self, user_id: UserId, intent_id: str, record: StreakRecord, *, whole: bool
    ) -> bool:
        """Store `record` over the revision before it (`record.revision - 1`).

        Its history replaces the stored one where it is the `whole` of it, and else comes before it.
        False, and nothing is written, where the stored revision is another one or the intent is
        not in it.
        """

    @abstractmethod
    async def leave(self, user_id: UserId, intent_id: str) -> None:
        """Take the intent out and `meals_total` with it, one revision on: others must compute it.

        Without a record nothing is done.
        """

    @abstractmethod
    async def remove(self, user_id: UserId, revision: int) -> bool:
        """Delete the record; False, and nothing is deleted, where it has another revision."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A unit that was counted: the count with it, and the counters that it goes back to."""

    count: int
    by: "Counters"


class Counters(ABC):
    """The units that one subject at a time, a user or an address, has used (`rate_limits`).

    `now` is the caller's: at the end of its window a count is 0, whatever time it is elsewhere.
    """

    @abstractmethod
    async def take(self, user_id: str, window: Window, maximum: int, now: datetime) -> Taken | None:
        """Count one more, in one atomic step; None, and nothing counted, at `maximum`."""

    @abstractmethod
    async def give_back(self, user_id: str, window: Window, now: datetime) -> int:
        """Count one less, never below 0, and return the count."""

    @abstractmethod
    async def count(self, user_id: str, window: Window, now: datetime) -> int:
        """The count; 0 where nothing was counted."""


def counter_name(user_id: str, window: Window) -> str:
    """What a counter is called wherever it is kept: `rate:{user_id}:{endpoint}:{window}`."""
    return f"rate:{user_id}:{window.key}"


class IdempotencyRepository(Held):
    """The idempotency keys of one user at a time (`idempotency_keys`), each for one RPC.

    Nothing expires by itself: whoever finds an expired record removes it. A record is spared by its
    `result_id`.
    """

    @abstractmethod
    async def insert(self, user_id: UserId, record: IdempotencyRecord) -> bool:
        """Store a new record; False, and nothing is written, where its RPC and key have one."""

    @abstractmethod
    async def get(self, user_id: UserId, rpc: str, key: str) -> IdempotencyRecord | None:
        """The record, or None; one stored a moment ago may not be seen yet."""

    @abstractmethod
    async def put(self, user_id: UserId, record: IdempotencyRecord, *, over: str) -> bool:
        """Store the owner, the lease and the answer of `record` over those of the owner `over`.

        False, and nothing is written, where another one owns it, or it has its answer.
        """

    @abstractmethod
    async def remove(self, user_id: UserId, record: IdempotencyRecord) -> bool:
        """Remove the record; False, and nothing is removed, where another one owns it."""

    @abstractmethod
    async def note_deleted(self, user_id: UserId, rpc: str, result_id: str) -> None:
        """Note in the record without an answer that makes `result_id` that this is deleted."""


class AuditLog(ABC):
    """Who was let at the records of one user at a time (`audit_log`). It only ever grows.

    An erasure leaves it: it is what remains to be said of somebody who was erased.
    """

    @abstractmethod
    async def append(self, user_id: UserId, entry: AuditEntry) -> None:
        """Store one more entry."""

    @abstractmethod
    def all(self, user_id: UserId) -> AsyncIterator[AuditEntry]:
        """Every entry, oldest first, in constant memory.

        Entries of the same millisecond come as they were appended, where one process did.
        """


class ErasureJournal(ABC):
    """Who is being erased, or was a moment ago (`erasures`): one entry for a user at the most.

    An erasure that is not done yet is in it before anything is deleted.
    """

    @abstractmethod
    async def begin(self, user_id: UserId, erasure: Erasure) -> Erasure:
        """Store `erasure`, also over one that is done, and return it.

        Where one is not done, that stays and is returned.
        """

    @abstractmethod
    async def get(self, user_id: UserId) -> Erasure | None:
        """The user's entry, or None."""

    @abstractmethod
    async def count(
        self, user_id: UserId, erasure_id: str, counts: Mapping[str, int]
    ) -> Mapping[str, int]:
        """Note the counts unless others are noted, and return those that are."""

    @abstractmethod
    async def end(self, user_id: UserId, erasure_id: str, at: datetime) -> None:
        """Note that everything is gone, unless it is noted, or the erasure is another one."""

    @abstractmethod
    async def spare(self, user_id: UserId, erasure_id: str, record_id: str) -> bool:
        """Note a record that is about to be made by a call which began after that erasure.

        False, and nothing is noted, where the entry is of another erasure, or gone.
        """

    @abstractmethod
    async def spared(self, user_id: UserId) -> Spared | None:
        """What the user's erasure leaves alone; None where there is no entry."""

    @abstractmethod
    async def remove(self, user_id: UserId, erasure_id: str) -> None:
        """Delete the entry unless it is of another erasure."""

    @abstractmethod
    async def everyone(self) -> Sequence[Erasure]:
        """Every user's entry: a handful, for they last minutes."""


class FoodRepository(ABC):
    """The imported rows of the composition table (`foods`), which belong to no user."""

    @abstractmethod
    async def put(self, rows: Sequence[FoodRow]) -> int:
        """Store each row over the one with its code, and say how many codes were new.

        What fails half-way may have stored some of them: the same call again stores the rest.
        """

    @abstractmethod
    def all(self) -> AsyncIterator[FoodRow]:
        """Every row in the order of the codes, in constant memory."""


@dataclass(frozen=True, slots=True)
class Repositories:
    """One of each, over one backend."""

    meals: MealRepository
    goals: GoalRepository
    sessions: SessionRepository
    analyses: AnalysisRepository
    streaks: StreakRepository
    counters: Counters
    idempotency: IdempotencyRepository
    audit: AuditLog
    archive: MealHistory
    """Meals that were moved out of the way (`meal_logs_archive`)."""
    erasures: ErasureJournal
    foods: FoodRepository


class Backend(ABC):
    """A place where everything is stored."""

    name: str
    """What health answers call it."""
    is_shared: bool
    """Whether other processes may store there too."""

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
