"""The indexes are those of the seed's section 5, and those that our own queries need."""

import pytest

# Written by hand from the seed: name → (keys, options).
SEED = {
    "diet_sessions": {
        "user_id_1_expires_at_-1": ({"user_id": 1, "expires_at": -1}, {}),
        "expires_at_1": ({"expires_at": 1}, {"expireAfterSeconds": 0}),
    },
    "diet_goals": {"user_id_1": ({"user_id": 1}, {"unique": True})},
    "meal_logs": {
        "user_id_1_logged_at_-1": ({"user_id": 1, "logged_at": -1}, {}),
        "user_id_1_meal_type_1_logged_at_-1": (
            {"user_id": 1, "meal_type": 1, "logged_at": -1},
            {},
        ),
        "created_at_-1": ({"created_at": -1}, {}),
    },
    "nutrition_analyses": {
        "user_id_1_created_at_-1": ({"user_id": 1, "created_at": -1}, {}),
        "session_id_1": ({"session_id": 1}, {}),
        "created_at_-1": ({"created_at": -1}, {}),
    },
    "user_streaks": {"user_id_1": ({"user_id": 1}, {"unique": True})},
}
OURS = {
    "diet_sessions": {
        "one_open_session": (
            {"user_id": 1},
            {"unique": True, "partialFilterExpression": {"slot": True}},
        ),
    },
    "audit_log": {"user_id_1_at_1__id_1": ({"user_id": 1, "at": 1, "_id": 1}, {})},
    "erasures": {"user_id_1": ({"user_id": 1}, {"unique": True})},
    "meal_logs_archive": {
        "user_id_1_logged_at_-1": ({"user_id": 1, "logged_at": -1}, {}),
        "user_id_1_logged_at_-1__id_-1": ({"user_id": 1, "logged_at": -1, "_id": -1}, {}),
    },
    "foods": {"food_code_1": ({"food_code": 1}, {"unique": True})},
    "goal_history": {
        "user_id_1_version_1": ({"user_id": 1, "version": 1}, {"unique": True}),
        "user_id_1_updated_at_1_version_1": ({"user_id": 1, "updated_at": 1, "version": 1}, {}),
    },
    "idempotency_keys": {
        "user_id_1_rpc_1_key_1": ({"user_id": 1, "rpc": 1, "key": 1}, {"unique": True}),
        "expires_at_1": ({"expires_at": 1}, {"expireAfterSeconds": 3_600}),
    },
    "rate_limits": {
        "user_id_1_key_1": ({"user_id": 1, "key": 1}, {"unique": True}),
        "expires_at_1": ({"expires_at": 1}, {"expireAfterSeconds": 3_600}),
    },
    "meal_logs": {
        "user_id_1_local_date_1": ({"user_id": 1, "local_date": 1}, {}),
        "user_id_1_logged_at_-1__id_-1": ({"user_id": 1, "logged_at": -1, "_id": -1}, {}),
        "user_id_1_meal_type_1_logged_at_-1__id_-1": (
            {"user_id": 1, "meal_type": 1, "logged_at": -1, "_id": -1},
            {},
        ),
    },
}


def found(database, collection):
    """The indexes of a collection but for that of _id, in the form above."""
    indexes = {}
    for index in database[collection].list_indexes():
        fields = dict(index)
        name, keys = fields.pop("name"), dict(fields.pop("key"))
        fields.pop("v")
        if name != "_id_":
            indexes[name] = (keys, fields)
    return indexes


@pytest.mark.parametrize("collection", SEED)
async def test_the_indexes_of_the_seed_are_there_as_it_writes_them(backend, database, collection):
    indexes = found(database, collection)
    assert {name: indexes.get(name) for name in SEED[collection]} == SEED[collection]
    for name, (keys, _) in SEED[collection].items():
        assert list(indexes[name][0].items()) == list(keys.items())


async def test_there_is_no_other_index_than_the_seeds_and_ours(backend, database):
    expected = {name: SEED.get(name, {}) | OURS.get(name, {}) for name in {*SEED, *OURS}}
    assert {name: found(database, name) for name in expected} == expected


async def test_there_is_no_other_collection_than_the_seeds_and_ours(backend, database):
    names = set(database.list_collection_names())
    assert names == {*SEED, *OURS, "schema_migrations"}
