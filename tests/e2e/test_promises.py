"""What is promised beside the bodies: pages, keys, versions, and what is left of limits."""

import re
from uuid import uuid4

import grpc
import pytest
import pytest_asyncio

from dietcare.v1 import meal_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 2}
SOUP = {"name": "미역국", "portion_g": 300, "sodium_mg": 600}
LUNCH = {"meal_type": "lunch", "foods": [RICE]}
LUNCH_MESSAGE = meal_pb2.LogMealRequest(meal_type=meal_pb2.MEAL_TYPE_LUNCH, foods=[RICE])


def is_refused(answer, status, reason, *fields):
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["error_code"], body["detail"]["reason"]) == (status, reason)
    assert [each["field"] for each in body["detail"].get("fields", [])] == list(fields)


def is_limited(answer, limit, remaining):
    assert answer.headers["x-ratelimit-limit"] == str(limit)
    assert answer.headers["x-ratelimit-remaining"] == str(remaining)
    assert re.fullmatch("[0-9]{10}", answer.headers["x-ratelimit-reset"])


@pytest.fixture
def log(patient):
    """Logs lunch over REST."""

    async def post(body=LUNCH, **headers):
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await patient.request("POST", "/meals", json=body, headers=given)

    return post


@pytest_asyncio.fixture(loop_scope="session")
async def meal(log):
    """The id of a meal that is there."""
    logged = (await log()).json()["meal"]
    return logged["id"]


# Pages by token.


async def test_page_tokens_walk_to_the_end_of_the_list(patient, log):
    logged = [(await log()).json()["meal"]["id"] for _ in range(7)]

    found, pages, query = [], [], {}
    while True:
        answer = await patient.get("/meals", page_size=3, **query)
        assert answer.status_code == 200, answer.text
        found += [meal["id"] for meal in answer.json()["meals"]]
        pages.append(answer.json()["pagination"])
        if "next_page_token" not in pages[-1]:
            break
        query = {"page_token": pages[-1]["next_page_token"]}

    assert len(pages) == 3
    assert sorted(found) == sorted(logged)
    listed = await patient.get("/meals", page_size=100)
    assert found == [meal["id"] for meal in listed.json()["meals"]]
    assert "next_page_token" not in listed.json()["pagination"]
    assert [(page["total"], page["total_pages"]) for page in pages] == [(7, 3)] * 3
    assert ["page" in page for page in pages] == [True, False, False]


# Idempotency keys.


async def test_rest_the_same_key_and_body_give_the_first_answer_again(patient, log):
    key = uuid4().hex
    first = await log(idempotency_key=key)
    again = await log(idempotency_key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert await patient.meals_logged() == 1
    for answer in (first, again):
        is_limited(answer, 50, 49)

    other = await log({**LUNCH, "foods": [SOUP]}, idempotency_key=key)
    is_refused(other, 409, "IDEMPOTENCY_CONFLICT")
    assert await patient.meals_logged() == 1
    assert (await patient.remaining())["meals"] == 49


async def test_grpc_the_same_key_and_body_give_the_first_answer_again(patient, grpc_stub):
    pairs = (("authorization", f"Bearer {patient.token}"), ("idempotency-key", uuid4().hex))

    async def log(request):
        call = grpc_stub.LogMeal(request, metadata=pairs, timeout=30)
        answer = await call
        sent = [*await call.initial_metadata(), *await call.trailing_metadata()]
        return answer, dict(sent).get("idempotent-replayed")

    first, is_replayed = await log(LUNCH_MESSAGE)
    assert is_replayed is None
    assert await log(LUNCH_MESSAGE) == (first, "true")

    other = meal_pb2.LogMealRequest(meal_type=meal_pb2.MEAL_TYPE_LUNCH, foods=[SOUP])
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await log(other)
    assert caught.value.code() is grpc.StatusCode.ABORTED
    assert await patient.meals_logged() == 1


async def test_a_key_is_the_same_over_rest_and_grpc(patient, log):
    key = uuid4().hex
    logged = (await log(idempotency_key=key)).json()["meal"]

    answer = await patient.call("LogMeal", LUNCH_MESSAGE, **{"idempotency-key": key})

    assert answer.meal.id == logged["id"]
    assert await patient.meals_logged() == 1


# Versions.


async def test_who_has_the_current_version_is_not_sent_it_again(patient, meal):
    etag = (await patient.get(f"/meals/{meal}")).headers["etag"]

    answer = await patient.request("GET", f"/meals/{meal}", headers={"if-none-match": etag})

    assert (answer.status_code, answer.content) == (304, b"")


# What is left of a limit, also where the gateway refuses.


@pytest.mark.parametrize(
    ("method", "path", "limit", "body"),
    [
        ("POST", "/meals", 50, b'{"meal_type": "lunch", "unheard_of": 1}'),
        ("POST", "/meals", 50, b"{"),
        ("PUT", "/goals", 10, b'{"ckd_stage": 3}'),
        ("POST", "/analyze", 10, b'{"image_data": "?"}'),
    ],
)
async def test_what_is_left_is_told_where_the_gateway_refuses(patient, method, path, limit, body):
    headers = {"content-type": "application/json"}

    answer = await patient.request(method, path, content=body, headers=headers)

    assert answer.status_code == 400, answer.text
    is_limited(answer, limit, limit)


async def test_a_refusal_of_the_gateway_counts_what_was_used_before(patient, log):
    await log()

    for content_type, status in (("application/json", 400), ("text/plain", 415)):
        headers = {"content-type": content_type}
        answer = await patient.request("POST", "/meals", content=b"[]", headers=headers)
        assert answer.status_code == status, answer.text
        is_limited(answer, 50, 49)


async def test_who_is_nobody_is_told_of_no_limit(http):
    answer = await http.post("/api/diet/meals", content=b"{")

    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
