"""ETag, If-Match, If-None-Match and Location of a meal, over REST and gRPC."""

import asyncio

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from dietcare.v1 import meal_pb2


def noted(meal_id, note="a"):
    return meal_pb2.UpdateMealRequest(
        meal_id=meal_id, meal=meal_pb2.Meal(note=note), update_mask=FieldMask(paths=["note"])
    )


async def stored(user, meal):
    return (await user.send("GET", f"/meals/{meal['id']}")).json()["meal"]


async def test_every_answer_with_a_meal_names_its_version(user):
    body = {"meal_type": "lunch", "foods": [{"name": "비빔밥", "portion_g": 400}]}
    logged = await user.send("POST", "/meals", body)
    path = f"/meals/{logged.json()['meal']['id']}"
    assert (logged.status_code, logged.headers["etag"]) == (201, '"1"')
    assert logged.headers["location"] == f"/api/diet{path}"
    assert (await user.send("GET", path)).headers["etag"] == '"1"'
    changed = await user.send("PATCH", path, {"note": "a"})
    assert changed.headers["etag"] == '"2"'
    assert "location" not in changed.headers
    unchanged = await user.send("PATCH", path, {})
    assert unchanged.headers["etag"] == '"2"'


async def test_the_same_over_grpc(user):
    meal = await user.log()
    _, trailers = await user.call("GetMeal", meal_pb2.GetMealRequest(meal_id=meal["id"]))
    assert trailers["etag"] == '"1"'
    _, trailers = await user.call("UpdateMeal", noted(meal["id"]))
    assert trailers["etag"] == '"2"'


async def test_what_the_client_has_is_not_sent_again(user):
    path = f"/meals/{(await user.log())['id']}"
    answer = await user.send("GET", path, if_none_match='"1"')
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    assert (await user.send("GET", path, if_none_match='"2"')).status_code == 200


@pytest.mark.parametrize("tags", ['"1"', '"7", "1"', "*", ', "1" ,'])
async def test_a_change_of_the_version_that_it_is_meant_for_is_made(user, tags):
    path = f"/meals/{(await user.log())['id']}"
    changed = await user.send("PATCH", path, {"note": "a"}, if_match=tags)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    deleted = await user.send("DELETE", path, if_match=tags.replace("1", "2"))
    assert deleted.status_code == 200


async def test_of_many_changes_of_the_same_version_one_is_made(user):
    meal = await user.log()
    path = f"/meals/{meal['id']}"
    changes = [
        user.send("PATCH", path, {"note": str(number)}, if_match='"1"') for number in range(20)
    ]
    statuses = [answer.status_code for answer in await asyncio.gather(*changes)]
    assert sorted(statuses) == [200] + [412] * 19
    after = await stored(user, meal)
    assert (after["version"], after["note"]) == (2, str(statuses.index(200)))


async def test_of_a_change_and_a_deletion_of_the_same_version_one_is_made(user):
    for _ in range(10):
        path = f"/meals/{(await user.log())['id']}"
        changed, deleted = await asyncio.gather(
            user.send("PATCH", path, {"note": "a"}, if_match='"1"'),
            user.send("DELETE", path, if_match='"1"'),
        )
        outcome = (changed.status_code, deleted.status_code)
        assert outcome in ((200, 412), (404, 200), (412, 200)), outcome
        there = await user.send("GET", path)
        assert there.status_code == (200 if outcome[0] == 200 else 404)


async def test_a_change_that_was_made_is_answered_again_though_its_version_is_stale(user):
    path = f"/meals/{(await user.log())['id']}"
    first = await user.send("PATCH", path, {"note": "a"}, key="k", if_match='"1"')
    again = await user.send("PATCH", path, {"note": "a"}, key="k", if_match='"1"')
    assert (again.status_code, again.json()) == (200, first.json())
    fresh = await user.send("PATCH", path, {"note": "a"}, key="another", if_match='"1"')
    assert fresh.status_code == 412
