"""What is served beside the API, to anybody."""

import re

import pytest

from dietcare.v1 import streak_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

ROUTES = {
    "/api/diet/analyze": {"post"},
    "/api/diet/meals": {"get", "post"},
    "/api/diet/meals/{meal_id}": {"get", "patch", "delete"},
    "/api/diet/goals": {"get", "put"},
    "/api/diet/goals/defaults": {"get"},
    "/api/diet/progress": {"get"},
    "/api/diet/streak": {"get"},
    "/api/diet/quota": {"get"},
    "/api/diet/foods": {"get"},
    "/api/diet/users/{user_id}/export": {"get"},
    "/api/diet/users/{user_id}": {"delete"},
}


@pytest.mark.parametrize(
    ("path", "status"), [("/livez", "ok"), ("/health", "ok"), ("/readyz", "ready")]
)
async def test_probes_answer_without_a_token(path, status, http):
    answer = await http.get(path)

    assert answer.status_code == 200
    assert answer.json() == {"status": status}


async def test_the_detailed_health_names_every_part(http):
    answer = await http.get("/health/detailed")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "mongodb": {"status": "ok"},
        "redis": {"status": "not_configured", "cache": "memory"},
        "openai": {"status": "ok", "model": "simulated"},
        "migrations": {"status": "ok", "pending": []},
    }


async def counted(http, method, code):
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    sample = f'dietcare_rpc_total{{code="{code}",method="{method}"}} '
    lines = [line for line in answer.text.splitlines() if line.startswith(sample)]
    return float(lines[0].removeprefix(sample)) if lines else 0


async def test_metrics_count_every_call_over_rest_and_grpc(http, patient):
    before = await counted(http, "GetStreak", "OK")
    refused = await counted(http, "GetStreak", "UNAUTHENTICATED")

    await patient.get("/streak")
    await patient.call("GetStreak", streak_pb2.GetStreakRequest())
    await http.get("/api/diet/streak")

    assert await counted(http, "GetStreak", "OK") == before + 2
    assert await counted(http, "GetStreak", "UNAUTHENTICATED") == refused + 1
    metrics = await http.get("/metrics")
    assert patient.id not in metrics.text


async def test_the_openapi_document_has_every_route(http):
    answer = await http.get("/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert document["openapi"].startswith("3.")
    verbs = {"get", "post", "put", "patch", "delete"}
    found = {path: verbs & operations.keys() for path, operations in document["paths"].items()}
    assert found == ROUTES
    assert "201" in document["paths"]["/api/diet/meals"]["post"]["responses"]


async def test_the_documentation_loads_nothing_from_elsewhere(http):
    answer = await http.get("/docs")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    linked = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert linked
    for path in linked:
        assert path.startswith("/docs/"), path
        assert (await http.get(path)).status_code == 200, path


async def test_development_serves_its_sample_pictures(http):
    answer = await http.get("/samples/bibimbap.jpg")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert (await http.get("/samples/../server.py")).status_code == 404
