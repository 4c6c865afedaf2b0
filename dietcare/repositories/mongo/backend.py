"""The backend over MongoDB: one pool of connections, every repository on it."""

from collections.abc import Sequence

from dietcare.clock import Clock, SystemClock
from dietcare.migrations.runner import MigrationRunner
from dietcare.repositories.mongo import (
    analyses,
    audit,
    counters,
    erasures,
    foods,
    goals,
    idempotency,
    meals,
    sessions,
    streaks,
)
from dietcare.repositories.mongo.client import CommandObserver, Driver, MongoClient, open_client
from dietcare.repositories.port import Backend, Repositories


class MongoBackend(Backend):
    """Made in the loop that uses it. It closes the client that it opened, not one handed to it."""

    name = "mongodb"
    is_shared = True

    def __init__(self, client: MongoClient, clock: Clock) -> None:
        self.client = client
        self._owns_client = False
        self._migrations = MigrationRunner(client, clock)
        self._repositories = repositories_over(client)

    @classmethod
    def open(
        cls,
        uri: str,
        database: str,
        *,
        driver: Driver = "motor",
        clock: Clock | None = None,
        observer: CommandObserver | None = None,
    ) -> "MongoBackend":
        """A backend with a client of its own, which connects at its first use.

        Raises:
            DatabaseConnectionError: the URI or the database's name can not be used.
        """
        backend = cls(open_client(uri, database, driver, observer), clock or SystemClock())
        backend._owns_client = True
        return backend

    @property
    def repositories(self) -> Repositories:
        return self._repositories

    async def ping(self) -> None:
        await self.client.ping()

    async def migrate(self) -> Sequence[str]:
        return await self._migrations.apply()

    async def pending_migrations(self) -> Sequence[str]:
        return await self._migrations.pending()

    async def aclose(self) -> None:
        if self._owns_client:
            await self.client.aclose()


def repositories_over(client: MongoClient) -> Repositories:
    """One of each over `client`, each on the collection that it names."""
    return Repositories(
        meals=meals.MongoMealRepository(client.collection(meals.COLLECTION)),
        goals=goals.MongoGoalRepository(
            client.collection(goals.COLLECTION), client.collection(goals.HISTORY_COLLECTION)
        ),
        sessions=sessions.MongoSessionRepository(client.collection(sessions.COLLECTION)),
        analyses=analyses.MongoAnalysisRepository(client.collection(analyses.COLLECTION)),
        streaks=streaks.MongoStreakRepository(client.collection(streaks.COLLECTION)),
        counters=counters.MongoCounters(client.collection(counters.COLLECTION)),
        idempotency=idempotency.MongoIdempotencyRepository(
            client.collection(idempotency.COLLECTION)
        ),
        audit=audit.MongoAuditLog(client.collection(audit.COLLECTION)),
        archive=meals.MongoMealHistory(client.collection(meals.ARCHIVE_COLLECTION)),
        erasures=erasures.MongoErasureJournal(client.collection(erasures.COLLECTION)),
        foods=foods.MongoFoodRepository(client.collection(foods.COLLECTION)),
    )
