"""Bad input over REST: one shape, nothing written, no unit spent."""

import re

import jwt
import pytest
import pytest_asyncio

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNTOUCHED = {"analyses": 10, "meals": 50, "goal_updates": 10}
RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 2}
MEAL = {"meal_type": "lunch", "foods": [RICE]}
NO_SUCH_MEAL = "0" * 24


def refused(answer, status, reason):
    """The shape of section 8.2; returns the violated fields and what is said of them."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"error_code", "message", "detail", "request_id"}
    assert body["error_code"] == status
    assert body["detail"]["reason"] == reason
    assert re.fullmatch(r"req_[0-9a-f]+", body["request_id"])
    assert "Traceback" not in answer.text
    return {each["field"]: each["message"] for each in body["detail"].get("fields", [])}


@pytest_asyncio.fixture(loop_scope="session")
async def unharmed(patient, at):
    """After the test the user has no meal, no goals and every unit."""
    at("2025-11-27T10:00:00Z")
    yield patient
    assert await patient.meals_logged() == 0
    assert (await patient.get("/goals")).status_code == 404
    assert await patient.remaining() == UNTOUCHED


# Bodies that are no JSON of ours.


@pytest.mark.parametrize(
    "body",
    [
        b'{"meal_type": "lunch", ',
        b"{'meal_type': 'lunch'}",
        b'{"meal_type": "lunch"} {}',
        b"[]",
        b'"lunch"',
        b"null",
        b'{"meal_type": "\xff"}',
        b'{"meal_type": "lunch", "meal_type": "dinner", "foods": []}',
        b'{"meal_type": "lunch", "foods": [{"name": "a", "portion_g": NaN}]}',
        b'{"note": ' + b"[" * 101 + b"]" * 101 + b"}",
    ],
    ids=lambda body: body[:24].decode("ascii", "replace"),
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/meals"), ("PUT", "/goals")])
async def test_a_malformed_body_is_refused(method, path, body, unharmed):
    headers = {"content-type": "application/json"}

    answer = await unharmed.request(method, path, content=body, headers=headers)

    refused(answer, 400, "INVALID_ARGUMENT")


# Addresses that do not exist.


async def test_a_route_that_does_not_exist_is_refused(unharmed):
    refused(await unharmed.post("/meal", MEAL), 404, "ROUTE_NOT_FOUND")
    refused(await unharmed.request("PUT", "/meals", json=MEAL), 405, "METHOD_NOT_ALLOWED")


# Who calls.


def tokens(service, user_id):
    """Tokens that must not be accepted, by what is wrong with them."""
    now, known = 1_900_000_000, {"sub": user_id, "exp": 4_102_444_800}
    yield "no token", None
    yield "expired", service.token(sub=user_id, exp=1_700_000_000)
    yield "not yet valid", service.token(**known, nbf=4_000_000_000)
    yield "without an end", service.token(sub=user_id)
    yield "for nobody", service.token(exp=known["exp"])
    yield "for no user", service.token(sub="admin", exp=known["exp"])
    yield "with a date as a text", service.token(sub=user_id, exp=str(now))
    yield "of another service", jwt.encode(known, "another secret, of 32 characters", "HS256")
    yield "of another algorithm", jwt.encode(known, service.token(**known) * 2, "HS512")
    yield "unsigned", jwt.encode(known, "", "none")
    yield "cut off", service.token(**known)[:-2]


async def test_without_a_good_token_nothing_is_done(unharmed, service, http):
    for wrong, token in tokens(service, unharmed.id):
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        for method, path, body in (
            ("POST", "/meals", MEAL),
            ("PUT", "/goals", {"ckd_stage": "3"}),
            ("GET", "/streak", None),
        ):
            answer = await http.request(method, f"/api/diet{path}", json=body, headers=headers)
            assert answer.status_code == 401, wrong
            refused(answer, 401, "UNAUTHENTICATED")
            assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_a_scheme_other_than_bearer_is_no_token(unharmed, http):
    headers = {"authorization": f"Basic {unharmed.token}"}

    answer = await http.get("/api/diet/streak", headers=headers)

    refused(answer, 401, "UNAUTHENTICATED")


# Whose records.


@pytest_asyncio.fixture(loop_scope="session")
async def victim(new_patient, at):
    """Somebody with a meal, which nobody else may see, change or add to."""
    at("2025-11-27T10:00:00Z")
    victim = new_patient()
    answer = await victim.post("/meals", MEAL)
    assert answer.status_code == 201
    victim.meal = answer.json()["meal"]
    yield victim
    assert (await victim.get(f"/meals/{victim.meal['id']}")).json()["meal"] == victim.meal
    assert await victim.meals_logged() == 1
    assert (await victim.get("/goals")).status_code == 404
    assert await victim.remaining() == {**UNTOUCHED, "meals": 49}


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PATCH", {"note": "mine"}), ("DELETE", None)]
)
async def test_the_meal_of_another_user_does_not_exist(method, body, unharmed, victim):
    same = {"x-request-id": "req_1"}

    theirs = await unharmed.request(method, f"/meals/{victim.meal['id']}", json=body, headers=same)
    nobodys = await unharmed.request(method, f"/meals/{NO_SUCH_MEAL}", json=body, headers=same)

    refused(theirs, 404, "MEAL_NOT_FOUND")
    assert theirs.content == nobodys.content
    assert theirs.headers.keys() == nobodys.headers.keys()


async def test_a_scope_opens_what_it_says_and_no_more(new_patient, victim):
    reader = new_patient(sub="clinic", scope="diet:read")

    answer = await reader.get("/meals", user_id=victim.id)
    assert [meal["id"] for meal in answer.json()["meals"]] == [victim.meal["id"]]
    answer = await reader.get(f"/meals/{victim.meal['id']}", user_id=victim.id)
    assert answer.json()["meal"] == victim.meal
    answer = await reader.post("/meals", {**MEAL, "user_id": victim.id})
    refused(answer, 403, "PERMISSION_DENIED")
    answer = await reader.get(f"/users/{victim.id}/export")
    refused(answer, 403, "PERMISSION_DENIED")
    answer = await reader.get("/meals")
    assert list(refused(answer, 400, "INVALID_ARGUMENT")) == ["user_id"]
