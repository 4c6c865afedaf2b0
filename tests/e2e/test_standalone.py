"""The gateway as a process of its own, which knows of DietCare only what reflection tells it."""

import re
import signal
import sys
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = Path(__file__).parents[2]
RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 2}
MEAL = {"meal_type": "lunch", "foods": [RICE]}


@pytest_asyncio.fixture(loop_scope="module")
async def standalone(running, programs):
    """A client with a token, of a gateway of its own before the running service."""
    command = (sys.executable, "-m", "gateway", "--upstream", running.panel.grpc)
    gateway = await programs.start(
        *(*command, "--listen", "127.0.0.1:0"), folder=running.folder, PYTHONPATH=str(ROOT)
    )
    line = await gateway.err.wait_for(" -> ")
    url = re.match(r"http://127\.0\.0\.1:[0-9]+", line)[0]
    headers = {"authorization": f"Bearer {running.panel.token}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
        yield client
    assert await gateway.stop(signal.SIGTERM) in (0, -signal.SIGTERM)


async def test_a_meal_is_logged_and_read(running, standalone):
    logged = await standalone.post("/api/diet/meals", json=MEAL)
    assert logged.status_code == 201, logged.text
    assert logged.headers["x-ratelimit-limit"] == "50"
    meal = logged.json()["meal"]
    assert (meal["meal_type"], meal["foods"][0]["name"]) == ("lunch", "현미밥")

    read = await standalone.get(f"/api/diet/meals/{meal['id']}")

    # The gateway in the service's own process says the same.
    headers = standalone.headers
    async with httpx2.AsyncClient(headers=headers, trust_env=False) as embedded:
        other = await embedded.get(f"{running.panel.rest}/meals/{meal['id']}")
    assert (read.status_code, read.content) == (200, other.content)
    assert read.headers["etag"] == other.headers["etag"]


async def test_what_the_gateway_and_the_service_refuse(standalone):
    unknown = await standalone.post("/api/diet/meals", json={**MEAL, "meal_tpye": "lunch"})
    invalid = await standalone.post("/api/diet/meals", json={**MEAL, "foods": []})
    missing = await standalone.get(f"/api/diet/meals/{'0' * 24}")
    nobody = await standalone.get("/api/diet/meals", headers={"authorization": ""})

    found = [answer.json()["detail"]["reason"] for answer in (unknown, invalid, missing, nobody)]
    assert found == ["INVALID_ARGUMENT", "INVALID_MEAL_DATA", "MEAL_NOT_FOUND", "UNAUTHENTICATED"]
    codes = [answer.status_code for answer in (unknown, invalid, missing, nobody)]
    assert codes == [400, 400, 404, 401]
    assert "meal_type" in unknown.json()["detail"]["fields"][0]["message"]
    # What the gateway refuses by itself reaches no service that could say what is left.
    assert "x-ratelimit-limit" not in unknown.headers
    assert "x-ratelimit-limit" in invalid.headers


async def test_a_limit_that_is_reached(standalone):
    goals = {"ckd_stage": "3", "sodium_mg": 2000}
    while (answer := await standalone.put("/api/diet/goals", json=goals)).status_code == 200:
        assert int(answer.headers["x-ratelimit-remaining"]) >= 0

    assert answer.status_code == 429, answer.text
    error = answer.json()
    assert list(error) == ["error_code", "message", "detail", "request_id"]
    assert error["detail"]["reason"] == "GOAL_UPDATE_LIMIT_EXCEEDED"
    assert {"limit", "reset_at", "remaining_time_seconds"} <= error["detail"].keys()
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["x-ratelimit-remaining"] == "0"


async def test_the_api_is_described_but_for_its_comments(running, standalone):
    learned = (await standalone.get("/openapi.json")).json()

    async with httpx2.AsyncClient(trust_env=False) as embedded:
        own = (await embedded.get(running.panel.docs.replace("/docs", "/openapi.json"))).json()
    assert {path: set(methods) for path, methods in learned["paths"].items()} == {
        path: set(methods) for path, methods in own["paths"].items()
    }
    assert "/api/diet/users/{user_id}/export" in learned["paths"]
    assert "description" in own["paths"]["/api/diet/meals"]["post"]
    assert "description" not in learned["paths"]["/api/diet/meals"]["post"]
