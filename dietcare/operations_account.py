"""Operators' jobs on one user's data, which are in the audit log as the operator's."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from typing import Any

import orjson

from dietcare.api.converters.account import to_record
from dietcare.app import App, build_app
from dietcare.clock import new_id
from dietcare.domain.ids import UserId
from dietcare.export.files import FILES, ExportFormat
from dietcare.local.environment import local_environment
from dietcare.messages import Language
from dietcare.services.audit import Use
from dietcare.settings import Settings
from dietcare.v1 import account_pb2
from gateway.codec import Encoders

OPERATOR = "operator"
"""Who the audit log says it was: a command has no token."""


@asynccontextmanager
async def user_of(settings: Settings, user_id: UserId, action: str) -> AsyncIterator[App]:
    """The app of a job on that user's data: recorded before it begins, and how it ended."""
    use = Use(user_id, OPERATOR, action, f"cli_{new_id()}")
    async with (
        local_environment(settings, serving=False) as resolved,
        build_app(resolved) as app,
        app.audit.to_its_end(use),
    ):
        yield app


async def export(
    settings: Settings,
    user_id: UserId,
    form: ExportFormat,
    write: Callable[[bytes], object],
    progress: Callable[[int], None],
) -> None:
    """Write the same bytes as REST answers with; tell `progress` how many there were so far."""
    done = 0
    async with (
        user_of(settings, user_id, "dietcare export") as app,
        aclosing(_parts(app, user_id, form)) as parts,
    ):
        async for part in parts:
            write(part)
            done += len(part)
            progress(done)


async def erase(
    settings: Settings, user_id: UserId, *, dry_run: bool, progress: Callable[[int, int], None]
) -> Mapping[str, int]:
    """Erase a user and say how many records of each kind there were; tell `progress` (done, of).

    A dry run only counts.
    """
    action = "dietcare erase --dry-run" if dry_run else "dietcare erase"
    async with user_of(settings, user_id, action) as app:
        if dry_run:
            return await app.services.eraser.count(user_id)
        return asdict(await app.services.eraser.erase(user_id, progress))


async def _parts(app: App, user_id: UserId, form: ExportFormat) -> AsyncGenerator[bytes, None]:
    account = app.services.account
    if form in FILES:
        async with aclosing(account.export_file(user_id, FILES[form])) as pieces:
            async for piece in pieces:
                yield piece
        return
    record_type: Any = account_pb2.ExportUserDataResponse.DESCRIPTOR
    encode = Encoders().message(record_type)
    async with aclosing(account.export(user_id, app.settings.time_zone)) as records:
        async for record in records:
            value = encode(to_record(record, Language.KO))
            yield orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
