"""A query that names no user, or that no index serves, is found in the log of mongod."""

import json
import os

import pytest
import query_log

from dietcare.repositories.mongo.backend import MongoBackend
from dietcare.repositories.mongo.documents import object_id


@pytest.fixture
async def backend(mongod_uri):
    backend = MongoBackend.open(mongod_uri, f"mutation_{os.urandom(6).hex()}", driver="pymongo")
    await backend.migrate()
    yield backend
    await backend.aclose()


@pytest.fixture
def strays(mongod, backend):
    """The commands that were found since."""
    name = backend.client._database.name

    def found():
        return [json.loads(entry)["command"] for entry in query_log.strays(mongod[1], name)]

    return found


@pytest.fixture
def meals(backend):
    return backend.client.collection("meal_logs")


@pytest.fixture
async def user(meals):
    """Somebody with a meal: where there is nothing, nothing is scanned."""
    user_id = object_id(os.urandom(12).hex())
    await meals.insert_one({"user_id": user_id, "note": "a"})
    return user_id


async def test_what_names_its_user_and_has_an_index_is_none(meals, user, strays):
    assert len(await meals.find({"user_id": user})) == 1
    assert await meals.erase({"user_id": user}) == 1
    assert strays() == []


async def test_a_query_without_a_user_is_found(meals, user, strays):
    found = await meals.find_one({"user_id": user})
    await meals.find_one({"_id": found["_id"]})
    assert [each["filter"] for each in strays()] == [{"_id": {"$oid": str(found["_id"])}}]


async def test_a_statement_without_a_user_is_found(meals, user, strays):
    found = await meals.find_one({"user_id": user})
    await meals.replace_one({"_id": found["_id"]}, found)
    assert [each["q"] for each in strays()] == [{"_id": {"$oid": str(found["_id"])}}]


async def test_a_scan_is_found_although_it_names_the_user(backend, user, strays):
    without_index = backend.client.collection("something_new")
    await without_index.insert_one({"user_id": user})
    assert len(await without_index.find({"user_id": user})) == 1
    (command,) = strays()
    assert command["find"] == "something_new"
