"""The connection to MongoDB, and the only file that knows which driver makes it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from functools import partial
from typing import Any, Literal, Protocol

import pymongo
from bson.errors import BSONError
from pymongo import errors, monitoring

from dietcare.errors import DatabaseConnectionError, DatabaseQueryError
from dietcare.repositories.mongo.collection import Collection, DuplicateKeyError
from dietcare.repositories.mongo.waiting import mend_waiting

Driver = Literal["motor", "pymongo"]

SELECTION_TIMEOUT_MS = 3_000
OPERATION_TIMEOUT_MS = 3_000
OPERATION_LIMIT_S = 3.5  # the last word, should the driver's timeout not work
INDEX_TIMEOUT_S = 3_600
APP_NAME = "dietcare"
SNAPSHOT_GONE = (239, 246)
"""The server's codes, SnapshotTooOld and SnapshotUnavailable, for a long read whose moment it no
longer remembers, or from before a new index: begin again.
"""


class CommandObserver(Protocol):
    """Is told of every command; with Motor from threads other than the loop's."""

    def started(self, name: str, command: Mapping[str, Any]) -> None:
        """`command` goes to the server now. It holds patients' data: do not log it."""

    def finished(self, name: str, duration_s: float, *, failed: bool) -> None:
        """The server answered, or failed to."""


class MongoClient:
    """One database through one pool of connections."""

    def __init__(self, raw: Any, close: Callable[[], Awaitable[None]], database: str) -> None:
        self._raw = raw
        self._close = close
        self._database = raw[database]

    def collection(self, name: str) -> Collection:
        """The collection of that name."""
        return Collection(self._database[name], guarded=_guarded, patient=_patient)

    async def ping(self) -> None:
        """Return when a primary answers.

        Raises:
            DatabaseConnectionError: none did within 3 s.
        """
        async with _guarded():
            await self._raw.admin.command("ping")

    async def aclose(self) -> None:
        """Close every connection; may be called twice."""
        await self._close()


def open_client(
    uri: str, database: str, driver: Driver = "motor", observer: CommandObserver | None = None
) -> MongoClient:
    """Make a client, which connects at its first use; call it in the loop that will use it.

    What the URI says of durability and timeouts does not count.

    Raises:
        DatabaseConnectionError: the URI or the database's name can not be used.
    """
    settings = _settings()
    if observer is not None:
        settings["event_listeners"] = [_Listener(observer)]
    try:
        raw, close = (_motor if driver == "motor" else _pymongo)(uri, settings)
        return MongoClient(raw, close, database)
    except (errors.PyMongoError, ValueError) as error:
        raise DatabaseConnectionError from error


def _pymongo(uri: str, settings: dict[str, Any]) -> tuple[Any, Callable[[], Awaitable[None]]]:
    mend_waiting()
    client: Any = pymongo.AsyncMongoClient(uri, **settings)
    return client, client.close


def _motor(uri: str, settings: dict[str, Any]) -> tuple[Any, Callable[[], Awaitable[None]]]:
    # Here, because importing it takes 0.15 s, and only one driver is ever used.
    from motor.motor_asyncio import AsyncIOMotorClient

    client: Any = AsyncIOMotorClient(uri, **settings)
    # Motor closes in the loop's thread, and would hold it for 3 s where the server is gone.
    return client, partial(asyncio.to_thread, client.delegate.close)


def _settings() -> dict[str, Any]:
    return {
        "appname": APP_NAME,
        "w": "majority",
        "journal": True,
        "readConcernLevel": "majority",
        "retryWrites": True,
        "retryReads": True,
        "serverSelectionTimeoutMS": SELECTION_TIMEOUT_MS,
        "timeoutMS": OPERATION_TIMEOUT_MS,
        "tz_aware": True,
        "tzinfo": UTC,
    }


@asynccontextmanager
async def _guarded() -> AsyncIterator[None]:
    """Raise our errors for the driver's, whose text, as their cause, may only reach the log."""
    try:
        # Motor's calls queue for a few threads, and their own timeout starts only in one.
        async with asyncio.timeout(OPERATION_LIMIT_S):
            yield
    except TimeoutError as error:
        raise DatabaseConnectionError from error
    except errors.DuplicateKeyError as error:
        raise DuplicateKeyError from error
    except errors.PyMongoError as error:
        raise _error_for(error) from error
    except (BSONError, OverflowError, UnicodeError) as error:
        raise DatabaseQueryError from error


@asynccontextmanager
async def _patient() -> AsyncIterator[None]:
    """As `_guarded`, with much more time."""
    with pymongo.timeout(INDEX_TIMEOUT_S):
        try:
            yield
        except errors.PyMongoError as error:
            raise _error_for(error) from error


def _error_for(error: errors.PyMongoError) -> DatabaseConnectionError | DatabaseQueryError:
    unreachable = (
        errors.ConnectionFailure,
        errors.WriteConcernError,  # written, but not acknowledged by a majority in time
        errors.InvalidOperation,  # the client was closed
        errors.ConfigurationError,  # the URI, or the server, is not one that we can use
    )
    transient = error.timeout or error.has_error_label("RetryableWriteError")
    forgotten = getattr(error, "code", None) in SNAPSHOT_GONE
    known = isinstance(error, unreachable) or transient or forgotten
    return DatabaseConnectionError() if known else DatabaseQueryError()


class _Listener(monitoring.CommandListener):
    def __init__(self, observer: CommandObserver) -> None:
        self._observer = observer

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self._observer.started(event.command_name, event.command)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._finished(event, failed=False)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._finished(event, failed=True)

    def _finished(
        self,
        event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent,
        *,
        failed: bool,
    ) -> None:
        seconds = event.duration_micros / 1e6
        self._observer.finished(event.command_name, seconds, failed=failed)
