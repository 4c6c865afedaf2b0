"""What is stored has the fields, names and types of the seed's section 5."""

from dataclasses import replace
from datetime import datetime

import pytest
from bson import ObjectId
from pymongo.errors import WriteError

from dietcare.domain.audit import AuditEntry, Outcome
from dietcare.domain.streak import Intent, record_of


def types(document):
    return {name: type(value) for name, value in document.items()}


async def test_a_meal_is_stored_as_the_seed_shows_it(backend, database, build, user):
    meal = build.meal(user)
    await backend.repositories.meals.insert(user, meal)
    (stored,) = database["meal_logs"].find()
    assert stored == {
        "_id": ObjectId(meal.id),
        "user_id": ObjectId(user),
        "meal_type": "breakfast",
        "foods": [
            {
                "name": "현미밥",
                "portion_g": 210,
                "sodium_mg": 2,
                "protein_g": 5.2,
                "potassium_mg": 157,
                "phosphorus_mg": 189,
                "confidence": "high",
                "nutrient_source": "table",
                "food_code": "D1",
            }
        ],
        "total_nutrients": {
            "sodium_mg": 2,
            "protein_g": 5.2,
            "potassium_mg": 157,
            "phosphorus_mg": 189,
        },
        "logged_at": build.at,
        "local_date": "2125-11-27",
        "time_zone": "Asia/Seoul",
        "created_at": build.at,
        "updated_at": build.at,
        "version": 1,
    }


async def test_amounts_are_doubles_whatever_they_were(backend, database, build, user):
    await backend.repositories.meals.insert(user, build.meal(user))
    (stored,) = database["meal_logs"].find()
    assert set(types(stored["total_nutrients"]).values()) == {float}
    assert type(stored["foods"][0]["portion_g"]) is float


async def test_goals_are_stored_as_the_seed_shows_them_defaults_filled_in(
    backend, database, build, user
):
    goals = build.goals(user)
    await backend.repositories.goals.put(user, goals)
    expected = {
        "user_id": ObjectId(user),
        "sodium_mg": 1800,
        "protein_g": 50,
        "potassium_mg": 2000,
        "phosphorus_mg": 800,
        "ckd_stage": "3",
        "updated_at": build.at,
        "dialysis": "none",
        "chosen": {"sodium_mg": 1800},
        "version": 1,
    }
    (stored,) = database["diet_goals"].find()
    assert stored == {"_id": ObjectId(goals.id), **expected}
    (kept,) = database["goal_history"].find({}, {"_id": 0})
    assert kept == {"goal_id": ObjectId(goals.id), **expected}


async def test_a_session_is_stored_as_the_seed_shows_it_and_holds_the_slot(
    backend, database, build, user
):
    session = await backend.repositories.sessions.take(user, build.session(user), 10)
    (stored,) = database["diet_sessions"].find()
    assert stored == {
        "_id": ObjectId(session.id),
        "user_id": ObjectId(user),
        "created_at": session.created_at,
        "expires_at": session.expires_at,
        "analysis_count": 1,
        "slot": True,
    }
    assert type(stored["expires_at"]) is datetime


async def test_a_session_that_expired_before_the_next_opened_holds_the_slot_no_more(
    backend, database, build, user
):
    sessions = backend.repositories.sessions
    old = await sessions.take(user, build.session(user), 10)
    new = await sessions.take(user, build.session(user, old.expires_at), 10)
    slots = {str(each["_id"]): each.get("slot") for each in database["diet_sessions"].find()}
    assert slots == {old.id: None, new.id: True}


async def test_an_analysis_is_stored_as_the_seed_shows_it(backend, database, build, user):
    analysis = build.analysis(user)
    await backend.repositories.analyses.insert(user, analysis)
    (stored,) = database["nutrition_analyses"].find()
    result = stored.pop("result")
    assert stored == {
        "_id": ObjectId(analysis.id),
        "session_id": ObjectId(analysis.session_id),
        "user_id": ObjectId(user),
        "image_url": "https://a.kr/b.jpg",
        "created_at": build.at,
        "model": "simulated",
        "prompt_version": "1",
        "latency_ms": 1200,
        "tokens": 345,
    }
    assert [food["name"] for food in result["foods"]] == ["현미밥"]
    assert result["total_nutrients"]["phosphorus_mg"] == 189


async def test_a_streak_is_stored_as_the_seed_shows_it(backend, database, build, user):
    days = {build.day: 3, build.day.replace(day=26): 1, build.day.replace(day=1): 1}
    intents = Intent("1", build.at), Intent("2", build.at)
    for intent in intents:
        await backend.repositories.streaks.begin(user, intent)
    record = replace(record_of(days), revision=3, intents=intents[1:])
    assert await backend.repositories.streaks.settle(user, "1", record, whole=True)
    (stored,) = database["user_streaks"].find({}, {"_id": 0})
    assert stored == {
        "user_id": ObjectId(user),
        "current_streak": 2,
        "longest_streak": 2,
        "last_logged_date": "2125-11-27",
        "total_days_logged": 3,
        "history": [
            {"date": "2125-11-27", "logged": True},
            {"date": "2125-11-26", "logged": True},
            {"date": "2125-11-01", "logged": True},
        ],
        "revision": 3,
        "meals_total": 5,
        "intents": [{"id": "2", "at": build.at}],
    }


async def test_a_streak_of_an_earlier_release_is_read_and_not_trusted(
    backend, database, build, user
):
    record = {"current_streak": 1, "longest_streak": 4, "last_logged_date": "2025-11-27"}
    more = {"total_days_logged": 9, "history": [], "revision": 7, "user_id": ObjectId(user)}
    database["user_streaks"].insert_one(record | more)
    stored = await backend.repositories.streaks.get(user)
    assert (stored.last_run, stored.revision, stored.meals_total) == (1, 7, None)
    assert not stored.is_settled


@pytest.fixture
def entry(build, user):
    return AuditEntry(user, "clinic", "GetMeal", "req_1", Outcome.GRANTED, build.at)


async def test_an_entry_of_the_audit_log_is_stored_without_any_value(
    backend, database, build, user, entry
):
    await backend.repositories.audit.append(user, entry)
    (stored,) = database["audit_log"].find({}, {"_id": 0})
    assert stored == {
        "user_id": ObjectId(user),
        "subject": "clinic",
        "action": "GetMeal",
        "request_id": "req_1",
        "outcome": "granted",
        "at": build.at,
    }


@pytest.mark.parametrize(
    "said",
    [
        {"note": "두통"},
        {"sodium_mg": 1800.0},
        {"action": {"foods": ["라면"]}},
        {"action": "라면" * 65},
        {"outcome": "3,700 mg of sodium"},
        {"user_id": "clinic"},
    ],
)
async def test_the_database_itself_refuses_anything_else_in_the_audit_log(
    backend, database, user, entry, said
):
    await backend.repositories.audit.append(user, entry)
    document = database["audit_log"].find_one({}, {"_id": 0})
    with pytest.raises(WriteError, match="validation"):
        database["audit_log"].insert_one(document | said)
