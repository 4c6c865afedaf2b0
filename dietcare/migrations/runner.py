"""Applies the migrations that are missing, in order, and records each in `schema_migrations`.

A migration is recorded once all of it is done, and every step of one must be repeatable without
effect. So it needs no lock, which might outlive its holder: what a crash interrupted is done again,
and two processes that migrate at once do the same twice, are both right, and both return only when
everything is in place.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from dietcare.clock import Clock
from dietcare.migrations import (
    m0001_initial,
    m0002_rate_limits,
    m0003_idempotency_keys,
    m0004_goal_history_by_time,
    m0005_foods,
    m0006_audit_log,
    m0007_erasures,
    m0008_archive_by_time,
)
from dietcare.repositories.mongo.client import MongoClient
from dietcare.repositories.mongo.collection import DuplicateKeyError

COLLECTION = "schema_migrations"


@dataclass(frozen=True, slots=True)
class Migration:
    """A change of the stored data; `apply` may be called again at any time."""

    name: str
    apply: Callable[[MongoClient], Awaitable[None]]


MIGRATIONS = (
    Migration(m0001_initial.NAME, m0001_initial.apply),
    Migration(m0002_rate_limits.NAME, m0002_rate_limits.apply),
    Migration(m0003_idempotency_keys.NAME, m0003_idempotency_keys.apply),
    Migration(m0004_goal_history_by_time.NAME, m0004_goal_history_by_time.apply),
    Migration(m0005_foods.NAME, m0005_foods.apply),
    Migration(m0006_audit_log.NAME, m0006_audit_log.apply),
    Migration(m0007_erasures.NAME, m0007_erasures.apply),
    Migration(m0008_archive_by_time.NAME, m0008_archive_by_time.apply),
)


class MigrationRunner:
    """The migrations of one database."""

    def __init__(
        self, client: MongoClient, clock: Clock, migrations: Sequence[Migration] = MIGRATIONS
    ) -> None:
        self._client = client
        self._clock = clock
        self._migrations = migrations
        self._records = client.collection(COLLECTION)

    async def pending(self) -> Sequence[str]:
        """Name the migrations that are missing, in their order."""
        return [migration.name for migration in await self._missing()]

    async def apply(self, *, dry_run: bool = False) -> Sequence[str]:
        """Apply what is missing, in order, and name what this call was the first to complete.

        A dry run changes nothing and names what is missing.
        """
        if dry_run:
            return await self.pending()
        return [each.name for each in await self._missing() if await self._complete(each)]

    async def _missing(self) -> list[Migration]:
        applied = {record["_id"] for record in await self._records.find({})}
        return [migration for migration in self._migrations if migration.name not in applied]

    async def _complete(self, migration: Migration) -> bool:
        await migration.apply(self._client)
        try:
            await self._records.insert_one({"_id": migration.name, "applied_at": self._clock.now()})
        except DuplicateKeyError:
            return False
        return True
