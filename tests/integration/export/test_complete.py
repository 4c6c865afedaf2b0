"""An export has everything that is kept of a user, wherever that is."""

import json
import os
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from bson import ObjectId

from dietcare.domain.analysis import Analysis
from dietcare.domain.food import Food

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def somebody(service):
    """Somebody with two versions of goals, three meals, the second of them archived, and an
    analysis.
    """
    user_id = os.urandom(12).hex()
    for sodium_mg in (1_800, 1_900):
        goals = {"ckd_stage": "3", "sodium_mg": sodium_mg}
        assert (await service.send("PUT", user_id, "/goals", json=goals)).status_code == 200
    for number in (1, 2, 3):
        food = {"name": f"음식 {number}", "portion_g": 200}
        at = f"2025-11-0{number}T03:00:00Z"
        meal = {"meal_type": "lunch", "logged_at": at, "foods": [food]}
        assert (await service.send("POST", user_id, "/meals", json=meal)).status_code == 201
    second = {"user_id": ObjectId(user_id), "local_date": "2025-11-02"}
    archived = service.database["meal_logs"].find_one_and_delete(second)
    service.database["meal_logs_archive"].insert_one(archived)
    ids, now = (os.urandom(12).hex() for _ in range(2)), datetime.now(UTC)
    seen = Analysis(next(ids), user_id, next(ids), (Food("김밥", 230),), "m", "1", 1, 1, now)
    await service.app.backend.repositories.analyses.insert(user_id, seen)
    return user_id


async def test_ndjson_has_every_record(service, somebody):
    async with service.rest(somebody, "ndjson") as answer:
        records = [json.loads(line) async for line in answer.aiter_lines()]
    assert [each["type"] for each in records] == [
        *("goals", "goals", "streak", "meal", "meal", "meal", "analysis"),
    ]
    assert [each["goals"]["sodium_mg"] for each in records[:2]] == [1_800, 1_900]
    names = [food["name"] for each in records[3:6] for food in each["meal"]["foods"]]
    assert names == ["음식 1", "음식 2", "음식 3"]
    assert records[6]["analysis"]["foods"][0]["name"] == "김밥"


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("csv", ["음식 1", "음식 2", "음식 3"]),
        ("fhir-r4", ["2025-11-01", "2025-11-02", "2025-11-03"]),
        ("fhir-r5", ["음식 1", "음식 2", "음식 3"]),
    ],
)
async def test_a_file_has_every_meal_in_their_order(service, somebody, form, told):
    async with service.rest(somebody, form) as answer:
        text = (await answer.aread()).decode()
    places = [text.find(each) for each in told]
    assert -1 not in places
    assert places == sorted(places)
