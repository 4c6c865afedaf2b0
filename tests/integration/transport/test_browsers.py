"""What web pages of allowed and of other origins get from the whole service."""

import json

import pytest
import pytest_asyncio

pytestmark = pytest.mark.asyncio(loop_scope="module")

USER = "507f1f77bcf86cd799439011"
PAGE = "https://app.example"
EVIL = "https://evil.example"
GOALS = {"ckd_stage": "3"}
MEAL = {"meal_type": "lunch", "foods": [{"name": "현미밥", "portion_g": 210}]}
LIMIT = 3
API = "default-src 'none'; frame-ancestors 'none'"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(start_secured):
    """Speaks to a service that one page may call, and that takes few goals a day."""
    async with (
        start_secured(cors_origins=(PAGE,), limit_goal_updates_per_day=LIMIT) as secured,
        secured.http() as client,
    ):
        yield client


async def answers(http, origin):
    """One of each kind: answers, errors of every layer, pages."""
    headers = {"origin": origin} if origin else {}
    nobody = {**headers, "authorization": ""}
    return {
        "answer": await http.get("/api/diet/streak", headers=headers),
        "401": await http.get("/api/diet/streak", headers=nobody),
        "400": await http.post("/api/diet/meals", headers=headers, json={"foods": 1}),
        "404": await http.get(f"/api/diet/meals/{'0' * 24}", headers=headers),
        "no route": await http.get("/nowhere", headers=headers),
        "405": await http.post("/api/diet/streak", headers=headers),
        "415": await http.post(
            "/api/diet/meals", headers={**headers, "content-type": "text/plain"}, content=b"x"
        ),
        "413": await http.post("/api/diet/meals", headers=headers, content=bytes(17 * 1024 * 1024)),
        "stream": await http.get(f"/api/diet/users/{USER}/export", headers=headers),
        "probe": await http.get("/livez", headers=headers),
        "page": await http.get("/docs", headers=headers),
    }


async def test_an_allowed_page_reads_every_answer(http):
    for kind, answer in (await answers(http, PAGE)).items():
        assert answer.headers.get("access-control-allow-origin") == PAGE, kind
        assert answer.headers["vary"].startswith("origin"), kind
        exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
        assert {"x-ratelimit-remaining", "x-request-id", "etag", "location", "retry-after"} <= set(
            exposed
        ), kind


@pytest.mark.parametrize("origin", [EVIL, "null", "http://app.example", f"{PAGE}.evil.example", ""])
async def test_any_other_page_reads_none(http, origin):
    for kind, answer in (await answers(http, origin)).items():
        assert not [name for name in answer.headers if name.startswith("access-control")], kind
        assert answer.headers["vary"].startswith("origin"), kind


async def test_every_answer_is_data_and_stays_where_it_is(http):
    found = await answers(http, PAGE)
    for kind, answer in found.items():
        assert answer.headers["x-content-type-options"] == "nosniff", kind
        assert answer.headers["referrer-policy"] == "no-referrer", kind
        assert answer.headers["cross-origin-resource-policy"] == "same-origin", kind
        assert answer.headers["x-frame-options"] == "DENY", kind
        assert "server" not in answer.headers, kind
    page = found.pop("page")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    for kind, answer in found.items():
        assert answer.headers["content-security-policy"] == API, kind
        assert answer.headers["cache-control"] == "no-store", kind


async def test_a_meal_may_be_kept_by_its_reader_alone_and_is_asked_for_again(http):
    logged = await http.post("/api/diet/meals", json=MEAL)
    assert logged.headers["cache-control"] == "no-store"
    path = f"/api/diet/meals/{logged.json()['meal']['id']}"

    read = await http.get(path)
    assert read.headers["cache-control"] == "private, no-cache"
    again = await http.get(path, headers={"if-none-match": read.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, "private, no-cache")
    assert (await http.get("/api/diet/meals")).headers["cache-control"] == "no-store"


async def test_preflights_need_no_token_and_cost_nothing(http):
    for _ in range(LIMIT * 2):
        answer = await http.options(
            "/api/diet/goals",
            headers={
                "origin": PAGE,
                "access-control-request-method": "PUT",
                "access-control-request-headers": "authorization,content-type,idempotency-key",
                "authorization": "",
            },
        )
        assert (answer.status_code, answer.content) == (204, b"")
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "idempotency-key", "if-match"} <= set(allowed)
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, PUT, OPTIONS"
    left = (await http.get("/api/diet/quota")).json()["quota"]["goal_updates"]
    assert left["remaining"] == LIMIT


async def test_a_foreign_preflight_allows_nothing(http):
    headers = {"origin": EVIL, "access-control-request-method": "PUT"}
    answer = await http.options("/api/diet/goals", headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_an_allowed_page_reads_that_a_limit_is_reached(http):
    body, headers = json.dumps(GOALS), {"origin": PAGE, "content-type": "application/json"}
    for _ in range(LIMIT):
        assert (await http.put("/api/diet/goals", content=body, headers=headers)).is_success
    answer = await http.put("/api/diet/goals", content=body, headers=headers)
    assert answer.status_code == 429
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["retry-after"]
