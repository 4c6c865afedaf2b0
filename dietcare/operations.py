"""Operators' jobs, on the same storage as the service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dietcare.app import storage
from dietcare.domain.audit import AuditEntry
from dietcare.domain.composition import FoodRow
from dietcare.domain.ids import UserId
from dietcare.foods.national import Refusal, decoded, read_national
from dietcare.local.environment import local_environment
from dietcare.settings import Settings

IMPORT_BATCH = 500


async def migrate(settings: Settings, *, dry_run: bool) -> Sequence[str]:
    """Apply the migrations that are missing, or only name them."""
    async with local_environment(settings, serving=False) as resolved, storage(resolved) as backend:
        return await (backend.pending_migrations() if dry_run else backend.migrate())


async def audit(settings: Settings, user_id: UserId, tell: Callable[[AuditEntry], None]) -> None:
    """Tell every entry of the audit log about a user, oldest first."""
    async with local_environment(settings, serving=False) as resolved, storage(resolved) as backend:
        async for entry in backend.repositories.audit.all(user_id):
            tell(entry)


class NotMigratedError(Exception):
    """Migrations are missing, which only `dietcare migrate` applies outside development."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or in a dry run would do with the rows; `new` is None in a dry run."""

    rows: int
    new: int | None
    refused: Sequence[Refusal]


async def import_foods(
    settings: Settings, data: bytes, *, dry_run: bool, progress: Callable[[int, int], None]
) -> Imported:
    """Store the rows of a national CSV beside the built-in table; tell `progress` (done, of).

    All of `data` is read before anything is stored. Rows that are stored and not in the file stay.

    Raises:
        UnreadableFileError: it is not such a table; nothing was stored.
        NotMigratedError: the collection has no index yet; nothing was stored.
    """
    found = list(read_national(decoded(data)))
    rows = [each for each in found if isinstance(each, FoodRow)]
    refused = [each for each in found if isinstance(each, Refusal)]
    if dry_run:
        return Imported(len(rows), None, refused)
    async with local_environment(settings, serving=False) as resolved, storage(resolved) as backend:
        if resolved.is_development:
            await backend.migrate()
        if await backend.pending_migrations():
            raise NotMigratedError
        new = 0
        for start in range(0, len(rows), IMPORT_BATCH):
            new += await backend.repositories.foods.put(rows[start : start + IMPORT_BATCH])
            progress(min(start + IMPORT_BATCH, len(rows)), len(rows))
    return Imported(len(rows), new, refused)
