"""Which error of ours a driver's error becomes, and that it takes none of its words along."""

import asyncio

import pytest
from bson.errors import InvalidDocument
from pymongo import errors

from dietcare.clock import SystemClock
from dietcare.errors import DatabaseConnectionError, DatabaseQueryError
from dietcare.repositories.mongo import client as client_module
from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.repositories.mongo.client import MongoClient
from dietcare.repositories.mongo.collection import DuplicateKeyError

SECRET = "patient 507f1f77bcf86cd799439011 on mongo-0.internal:27017"
UNREACHABLE = [
    errors.ServerSelectionTimeoutError(SECRET),
    errors.AutoReconnect(SECRET),
    errors.NetworkTimeout(SECRET),
    errors.NotPrimaryError(SECRET),
    errors.WaitQueueTimeoutError(SECRET),
    errors.ExecutionTimeout(SECRET, 50),
    errors.WTimeoutError(SECRET, 64),
    errors.WriteConcernError(SECRET, 91),
    errors.InvalidOperation(SECRET),
    errors.ConfigurationError(SECRET),
    errors.OperationFailure(SECRET, 189, {"errorLabels": ["RetryableWriteError"]}),
    TimeoutError(SECRET),
]
REFUSED = [
    errors.OperationFailure(SECRET, 2),
    errors.WriteError(SECRET, 121),
    errors.CursorNotFound(SECRET, 43),
    errors.DocumentTooLarge(SECRET),
    InvalidDocument(SECRET),
    OverflowError(SECRET),
    UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
]


class Raw(dict):
    """A driver's client, database and collection in one, of which every insert goes wrong."""

    def __init__(self, error=None):
        self.error = error
        self.closed = 0

    def __getitem__(self, name):
        return self

    async def insert_one(self, document):
        if self.error is None:
            await asyncio.Event().wait()
        raise self.error

    async def close(self):
        self.closed += 1


def collection(raw):
    return MongoClient(raw, raw.close, "dietcare").collection("meal_logs")


@pytest.mark.parametrize("error", UNREACHABLE, ids=lambda error: type(error).__name__)
async def test_what_may_succeed_later_is_a_connection_error(error):
    with pytest.raises(DatabaseConnectionError) as caught:
        await collection(Raw(error)).insert_one({})
    assert caught.value.__cause__ is error
    assert str(caught.value) == "DATABASE_UNAVAILABLE: error.database_unavailable"


@pytest.mark.parametrize("error", REFUSED, ids=lambda error: type(error).__name__)
async def test_what_will_never_succeed_is_a_query_error(error):
    with pytest.raises(DatabaseQueryError) as caught:
        await collection(Raw(error)).insert_one({})
    assert caught.value.__cause__ is error
    assert str(caught.value) == "DATABASE_ERROR: error.database"


async def test_a_duplicate_key_is_an_answer_without_words():
    with pytest.raises(DuplicateKeyError) as caught:
        await collection(Raw(errors.DuplicateKeyError(SECRET, 11000))).insert_one({})
    assert str(caught.value) == ""


async def test_a_driver_that_never_answers_is_a_connection_error(monkeypatch):
    monkeypatch.setattr(client_module, "OPERATION_LIMIT_S", 0)
    with pytest.raises(DatabaseConnectionError):
        await collection(Raw()).insert_one({})


async def test_an_error_that_is_not_the_drivers_is_left_alone():
    with pytest.raises(ZeroDivisionError):
        await collection(Raw(ZeroDivisionError())).insert_one({})


async def test_a_backend_does_not_close_a_client_that_was_handed_to_it():
    raw = Raw()
    client = MongoClient(raw, raw.close, "dietcare")
    await MongoBackend(client, SystemClock()).aclose()
    assert raw.closed == 0
    await client.aclose()
    assert raw.closed == 1
