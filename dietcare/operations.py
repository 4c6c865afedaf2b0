"""Operators' jobs, on the same storage as the service."""

from collections.abc import Sequence

from dietcare.app import storage
from dietcare.local.environment import local_environment
from dietcare.settings import Settings


async def migrate(settings: Settings, *, dry_run: bool) -> Sequence[str]:
    """Apply the migrations that are missing, or only name them."""
    async with local_environment(settings, serving=False) as resolved, storage(resolved) as backend:
        return await (backend.pending_migrations() if dry_run else backend.migrate())
