"""Pages by number and by token, over REST and gRPC."""

import grpc
import pytest

from dietcare.v1 import meal_pb2

MEAL = {"meal_type": "lunch", "foods": [{"name": "비빔밥", "portion_g": 400}]}


@pytest.fixture
async def logged(user):
    """Five lunches and two dinners, newest first."""
    kinds = ["lunch", "dinner", "lunch", "lunch", "dinner", "lunch", "lunch"]
    meals = []
    for number, kind in enumerate(kinds):
        at = f"2025-11-{20 + number // 2}T12:00:00+09:00"  # pairs of the same instant
        body = {**MEAL, "meal_type": kind, "logged_at": at}
        meals.append((await user.send("POST", "/meals", body)).json()["meal"])
    meals.sort(key=lambda meal: (meal["logged_at"], meal["id"]), reverse=True)
    return meals


async def ask(user, **query):
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return await user.send("GET", f"/meals?{text}")


def refused(answer):
    assert answer.status_code == 400, answer.text
    return [each["field"] for each in answer.json()["detail"]["fields"]]


async def test_tokens_lead_through_the_whole_list(user, logged):
    page = (await ask(user, page_size=3)).json()
    assert page["pagination"]["page"] == 1
    found, sizes = page["meals"], []
    while "next_page_token" in page["pagination"]:
        token = page["pagination"]["next_page_token"]
        page = (await ask(user, page_size=1 + len(sizes), page_token=token)).json()
        found += page["meals"]
        sizes.append(len(page["meals"]))
        assert page["pagination"]["total"] == 7
        assert "page" not in page["pagination"]
    assert found == logged
    assert sizes == [1, 2, 1]


async def test_numbered_pages_say_where_to_go_on(user, logged):
    second = (await ask(user, page=2, page_size=2)).json()["pagination"]
    after = (await ask(user, page_size=2, page_token=second["next_page_token"])).json()
    third = (await ask(user, page=3, page_size=2)).json()
    assert after["meals"] == third["meals"] == logged[4:6]
    assert third["pagination"]["total_pages"] == 4
    last = (await ask(user, page=4, page_size=2)).json()
    assert "next_page_token" not in last["pagination"]
    beyond = (await ask(user, page=5, page_size=2)).json()
    assert (beyond["meals"], beyond["pagination"]["total"]) == ([], 7)
    assert "next_page_token" not in beyond["pagination"]


async def test_a_list_of_one_full_page_has_no_next(user, logged):
    page = (await ask(user, page_size=7)).json()
    assert "next_page_token" not in page["pagination"]


async def test_an_empty_list_has_no_pages(user):
    page = (await ask(user)).json()
    assert page == {
        "success": True,
        "meals": [],
        "pagination": {"page": 1, "page_size": 20, "total": 0, "total_pages": 0},
    }


async def test_a_token_goes_on_where_it_was_though_meals_come_and_go(user, logged):
    page = (await ask(user, page_size=3)).json()
    await user.send("DELETE", f"/meals/{logged[2]['id']}")  # the one that the page ended with
    await user.log()  # newer than all
    token = page["pagination"]["next_page_token"]
    assert (await ask(user, page_token=token)).json()["meals"] == logged[3:]


async def test_a_token_is_for_the_filter_that_it_was_made_with(user, logged):
    filters = {"meal_type": "lunch", "start_date": "2025-11-20", "end_date": "2025-11-23"}
    page = (await ask(user, page_size=2, **filters)).json()
    token = page["pagination"]["next_page_token"]
    rest = await ask(user, page_token=token, **filters)
    lunches = [meal for meal in logged if meal["meal_type"] == "lunch"]
    assert page["meals"] + rest.json()["meals"] == lunches
    for name in filters:
        fewer = {key: value for key, value in filters.items() if key != name}
        assert refused(await ask(user, page_token=token, **fewer)) == ["page_token"]
    other = filters | {"start_date": "2025-11-21"}
    assert refused(await ask(user, page_token=token, **other)) == ["page_token"]


async def test_a_token_is_for_one_users_meals(user, new_user, logged):
    token = (await ask(user, page_size=3)).json()["pagination"]["next_page_token"]
    assert refused(await ask(new_user(), page_token=token)) == ["page_token"]
    clinician = new_user(scope="diet:read")
    seen = await ask(clinician, page_token=token, user_id=user.id)
    assert seen.json()["meals"] == logged[3:]


async def test_the_same_over_grpc(user, logged):
    request = meal_pb2.ListMealsRequest(page_size=4)
    first, _ = await user.call("ListMeals", request)
    request.page_token = first.pagination.next_page_token
    second, _ = await user.call("ListMeals", request)
    ids = [meal.id for meal in (*first.meals, *second.meals)]
    assert ids == [meal["id"] for meal in logged]
    assert not second.pagination.HasField("page")
    assert not second.pagination.HasField("next_page_token")
    for token in ("", "abc", request.page_token[:-1], request.page_token + "A"):
        request.page_token = token
        code, _ = await user.call("ListMeals", request)
        assert code is grpc.StatusCode.INVALID_ARGUMENT
