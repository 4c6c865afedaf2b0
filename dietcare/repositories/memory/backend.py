"""The backend in this process: what it stores is gone with it."""

from collections.abc import Sequence

from dietcare.repositories.memory.analyses import MemoryAnalysisRepository
from dietcare.repositories.memory.audit import MemoryAuditLog
from dietcare.repositories.memory.counters import MemoryCounters
from dietcare.repositories.memory.erasures import MemoryErasureJournal
from dietcare.repositories.memory.foods import MemoryFoodRepository
from dietcare.repositories.memory.goals import MemoryGoalRepository
from dietcare.repositories.memory.idempotency import MemoryIdempotencyRepository
from dietcare.repositories.memory.meals import MemoryMealRepository
from dietcare.repositories.memory.sessions import MemorySessionRepository
from dietcare.repositories.memory.streaks import MemoryStreakRepository
from dietcare.repositories.port import Backend, Repositories


class MemoryBackend(Backend):
    """For tests, and for machines without a mongod. For one event loop."""

    name = "memory"
    is_shared = False

    def __init__(self) -> None:
        self._repositories = Repositories(
            meals=MemoryMealRepository(),
            goals=MemoryGoalRepository(),
            sessions=MemorySessionRepository(),
            analyses=MemoryAnalysisRepository(),
            streaks=MemoryStreakRepository(),
            counters=MemoryCounters(),
            idempotency=MemoryIdempotencyRepository(),
            audit=MemoryAuditLog(),
            archive=MemoryMealRepository(),
            erasures=MemoryErasureJournal(),
            foods=MemoryFoodRepository(),
        )

    @property
    def repositories(self) -> Repositories:
        return self._repositories

    async def ping(self) -> None:
        """Answers always."""

    async def migrate(self) -> Sequence[str]:
        return ()

    async def pending_migrations(self) -> Sequence[str]:
        return ()

    async def aclose(self) -> None:
        """Has no connection."""
