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


# Fields that are missing, unknown, or not what they must be.


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"meal_type": None}, "INVALID_MEAL_DATA", "meal_type"),
        ({"foods": []}, "INVALID_MEAL_DATA", "foods"),
        ({"foods": [RICE] * 51}, "INVALID_MEAL_DATA", "foods"),
        ({"foods": [{"portion_g": 1}]}, "INVALID_MEAL_DATA", "foods[0].name"),
        ({"foods": [{"name": "물"}]}, "INVALID_MEAL_DATA", "foods[0].portion_g"),
        ({"foods": [{**RICE, "portion_g": 5001}]}, "INVALID_MEAL_DATA", "foods[0].portion_g"),
        ({"foods": [{**RICE, "name": "a\u0000b"}]}, "INVALID_MEAL_DATA", "foods[0].name"),
        ({"foods": [{**RICE, "name": "a" * 201}]}, "INVALID_MEAL_DATA", "foods[0].name"),
        ({"foods": [{**RICE, "sodium_mg": -1}]}, "INVALID_MEAL_DATA", "foods[0].sodium_mg"),
        ({"foods": [{**RICE, "sodium_mg": 82531}]}, "INVALID_MEAL_DATA", "foods[0].sodium_mg"),
        ({"total_nutrients": {"sodium_mg": 4}}, "INVALID_MEAL_DATA", "total_nutrients.sodium_mg"),
        ({"logged_at": "1999-12-31T23:59:59Z"}, "INVALID_MEAL_DATA", "logged_at"),
        ({"logged_at": "2999-01-01T00:00:00Z"}, "INVALID_MEAL_DATA", "logged_at"),
        ({"time_zone": "Asia/Atlantis"}, "INVALID_MEAL_DATA", "time_zone"),
        ({"analysis_id": NO_SUCH_MEAL}, "INVALID_MEAL_DATA", "analysis_id"),
        ({"note": "a" * 1001}, "INVALID_MEAL_DATA", "note"),
        ({"meal_type": 2}, "INVALID_ARGUMENT", "meal_type"),
        ({"foods": RICE}, "INVALID_ARGUMENT", "foods"),
        ({"foods": ["현미밥"]}, "INVALID_ARGUMENT", "foods[0]"),
        ({"foods": [{**RICE, "portion_g": "210"}]}, "INVALID_ARGUMENT", "foods[0].portion_g"),
        ({"foods": [{**RICE, "portion_g": True}]}, "INVALID_ARGUMENT", "foods[0].portion_g"),
        ({"foods": [{**RICE, "name": {"$gt": ""}}]}, "INVALID_ARGUMENT", "foods[0].name"),
        ({"logged_at": "2025-11-27T09:30:00"}, "INVALID_ARGUMENT", "logged_at"),
        ({"logged_at": 1764235800}, "INVALID_ARGUMENT", "logged_at"),
        ({"user_id": 5}, "INVALID_ARGUMENT", "user_id"),
        ({"user_id": "someone"}, "INVALID_ARGUMENT", "user_id"),
        ({"user_id": {"$ne": None}}, "INVALID_ARGUMENT", "user_id"),
    ],
)
async def test_a_field_that_is_wrong_is_named(change, reason, field, unharmed):
    answer = await unharmed.post("/meals", MEAL | change)

    assert list(refused(answer, 400, reason)) == [field]


async def test_everything_that_is_missing_is_named_at_once(unharmed):
    answer = await unharmed.post("/meals", {})

    assert refused(answer, 400, "INVALID_MEAL_DATA").keys() == {"meal_type", "foods"}
    answer = await unharmed.put("/goals", {"sodium_mg": 499})
    assert "ckd_stage" in refused(answer, 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("path", "method", "body", "field", "allowed"),
    [
        ("/meals", "POST", {"meal_type": "brunch"}, "meal_type", "breakfast, lunch, dinner, snack"),
        ("/meals", "POST", {"meal_type": "Lunch"}, "meal_type", "breakfast, lunch, dinner, snack"),
        ("/goals", "PUT", {"ckd_stage": "6"}, "ckd_stage", "1, 2, 3, 4, 5"),
        ("/goals", "PUT", {"ckd_stage": "CKD_STAGE_3"}, "ckd_stage", "1, 2, 3, 4, 5"),
        ("/goals", "PUT", {"dialysis": "yes"}, "dialysis", "none, hemodialysis, peritoneal"),
        ("/meals?meal_type=brunch", "GET", None, "meal_type", "breakfast, lunch, dinner, snack"),
        ("/progress?date=2025-11-27&period=monthly", "GET", None, "period", "daily, weekly"),
    ],
)
async def test_an_unknown_value_is_told_the_allowed_ones(
    path, method, body, field, allowed, unharmed
):
    answer = await unharmed.request(method, path, json=body)

    said = refused(answer, 400, "INVALID_ARGUMENT")
    assert list(said) == [field]
    for value in allowed.split(", "):
        assert value in said[field]


@pytest.mark.parametrize(
    ("path", "method", "body", "unknown", "suggested"),
    [
        ("/meals", "POST", {"meal_typ": "lunch"}, "meal_typ", "meal_type"),
        ("/meals", "POST", {"mealType": "lunch"}, "mealType", "meal_type"),
        (
            "/meals",
            "POST",
            {**MEAL, "foods": [{**RICE, "sodium": 1}]},
            "foods[0].sodium",
            "sodium_mg",
        ),
        ("/goals", "PUT", {"ckdstage": "3"}, "ckdstage", "ckd_stage"),
        ("/analyze", "POST", {"image_uri": "https://example.com/"}, "image_uri", "image_url"),
        ("/meals?pagesize=5", "GET", None, "pagesize", "page_size"),
        ("/streak?timezone=Asia/Seoul", "GET", None, "timezone", "time_zone"),
    ],
)
async def test_an_unknown_field_is_named_with_the_right_name(
    path, method, body, unknown, suggested, unharmed
):
    answer = await unharmed.request(method, path, json=body)

    said = refused(answer, 400, "INVALID_ARGUMENT")
    assert suggested in said[unknown]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/meals?page=0", "page"),
        ("/meals?page=1e0", "page"),
        ("/meals?page=", "page"),
        ("/meals?page=1&page=2", "page"),
        ("/meals?page=%ff", "page"),
        ("/meals?page_size=0", "page_size"),
        ("/meals?page_size=101", "page_size"),
        ("/meals?start_date=2025-02-30", "start_date"),
        ("/meals?start_date=20251127", "start_date"),
        ("/meals?start_date=2025-11-27&end_date=2025-11-26", "end_date"),
        ("/progress", "date"),
        ("/progress?date=27.11.2025", "date"),
        ("/progress?date=2025-11-27T00:00:00Z", "date"),
        ("/streak?time_zone=Seoul", "time_zone"),
        ("/streak?user_id=me", "user_id"),
        ("/meals/not-an-id", "meal_id"),
    ],
)
async def test_a_query_that_is_wrong_is_refused(path, field, unharmed):
    answer = await unharmed.request("GET", path)

    assert list(refused(answer, 400, "INVALID_ARGUMENT")) == [field]


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
    ("method", "path", "body"),
    [
        ("POST", "/meals", MEAL),
        ("GET", "/meals", None),
        ("PUT", "/goals", {"ckd_stage": "3"}),
        ("GET", "/goals", None),
        ("GET", "/progress?date=2025-11-27", None),
        ("GET", "/streak", None),
        ("GET", "/quota", None),
        ("POST", "/analyze", {"image_data": "aGVsbG8="}),
    ],
)
async def test_the_records_of_another_user_are_forbidden(method, path, body, unharmed, victim):
    if body is None:
        path += ("&" if "?" in path else "?") + f"user_id={victim.id}"
    else:
        body = {**body, "user_id": victim.id}

    answer = await unharmed.request(method, path, json=body)

    assert refused(answer, 403, "PERMISSION_DENIED") == {}


async def test_an_export_and_an_erasure_of_another_user_are_forbidden(unharmed, victim):
    path = f"/users/{victim.id}"

    refused(await unharmed.get(f"{path}/export"), 403, "PERMISSION_DENIED")
    refused(await unharmed.request("DELETE", path), 403, "PERMISSION_DENIED")


async def test_syntax_is_judged_before_identity(unharmed, victim):
    answer = await unharmed.get("/progress", user_id=victim.id, date="yesterday")

    refused(answer, 400, "INVALID_ARGUMENT")


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


async def test_a_change_that_is_refused_changes_nothing(patient):
    logged = (await patient.post("/meals", {**MEAL, "note": "저녁"})).json()["meal"]
    path = f"/meals/{logged['id']}"

    for change, reason, field in (
        ({"id": NO_SUCH_MEAL}, "INVALID_MEAL_DATA", "id"),
        ({"local_date": "2025-11-27", "note": "x"}, "INVALID_MEAL_DATA", "local_date"),
        ({"meal_type": None, "note": "x"}, "INVALID_MEAL_DATA", "meal_type"),
        ({"foods": [], "note": "x"}, "INVALID_MEAL_DATA", "foods"),
        ({"notes": "x"}, "INVALID_ARGUMENT", "notes"),
        ({"note": 5}, "INVALID_ARGUMENT", "note"),
    ):
        answer = await patient.request("PATCH", path, json=change)
        assert list(refused(answer, 400, reason)) == [field]

    assert (await patient.get(path)).json()["meal"] == logged


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
