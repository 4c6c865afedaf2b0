"""The running service does what its own /openapi.json says: schemathesis tries to show otherwise.

schemathesis makes requests out of the document, valid and invalid ones, and holds every answer to
it: status, headers, media type, body. `schemathesis.toml` has the checks that are off, and why.
SCHEMATHESIS_EXAMPLES sets how many cases of each operation its fuzzing tries.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from openapi_schema_validator import OAS31Validator

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

SCHEMATHESIS = Path(sys.prefix) / "bin" / "schemathesis"
CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "5")
UNLIMITED = "1000000"
OPERATIONS = 15


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unlimited(quick_dir):
    """The service with limits that no test reaches, and the token of one who may do everything."""
    async with sys.modules["e2e_processes"].Programs(quick_dir) as programs:
        service = await programs.serve(
            programs.folder(),
            DIETCARE_LIMIT_ANALYSES_PER_HOUR=UNLIMITED,
            DIETCARE_LIMIT_MEALS_PER_DAY=UNLIMITED,
            DIETCARE_LIMIT_GOAL_UPDATES_PER_DAY=UNLIMITED,
        )
        code, token = await programs.dietcare(
            "token", service.panel.user, "--scope", "diet:admin", folder=service.folder
        )
        assert code == 0, token.err.text
        service.token = token.out.text
        service.root = service.panel.rest.removesuffix("/api/diet")
        yield service


async def schemathesis(service, *arguments):
    """Run the tool against the service; what it printed, and its exit code."""
    done = await asyncio.to_thread(
        subprocess.run,
        [SCHEMATHESIS, "--config-file", CONFIG, "run", "--no-color", "--url", service.root,
         "--header", f"Authorization: Bearer {service.token}", *arguments],
        cwd=service.folder,
        env={"PATH": os.environ["PATH"], "HOME": str(service.folder)},
        capture_output=True,
        text=True,
        timeout=200,
    )  # fmt: skip
    return done.stdout + done.stderr, done.returncode


async def test_every_answer_is_as_documented(unlimited):
    told, code = await schemathesis(
        unlimited, "--max-examples", EXAMPLES, "--continue-on-failure",
        f"{unlimited.root}/openapi.json",
    )  # fmt: skip

    assert code == 0, told
    assert f"Tested: {OPERATIONS}\n" in told, told
    generated = re.search(r"([0-9]+) generated", told)
    assert generated, told
    assert int(generated[1]) > 20 * OPERATIONS, told


async def test_a_document_that_is_wrong_would_be_found_out(unlimited):
    document = await _document(unlimited)
    streak = document["components"]["schemas"]["Streak"]
    streak["properties"]["current_streak"] = {"type": "string"}
    path = unlimited.folder / "wrong.json"
    path.write_text(json.dumps(document))

    told, code = await schemathesis(
        unlimited, "--phases", "examples,fuzzing", "--max-examples", "3",
        "--include-operation-id", "GetStreak", str(path),
    )  # fmt: skip

    assert code == 1, told
    assert "Response violates schema" in told, told


async def test_every_example_of_a_change_is_accepted(unlimited):
    paths = (await _document(unlimited))["paths"]

    def example(path, method):
        return paths[path][method]["requestBody"]["content"]["application/json"]["example"]

    headers = {"authorization": f"Bearer {unlimited.token}"}
    async with httpx2.AsyncClient(
        base_url=unlimited.root, headers=headers, trust_env=False
    ) as http:
        made = await http.post("/api/diet/meals", json=example("/api/diet/meals", "post"))
        assert made.status_code == 201, made.text
        change = example("/api/diet/meals/{meal_id}", "patch")
        changed = await http.patch(made.headers["location"], json=change)
        assert changed.status_code == 200, changed.text
        goals = await http.put("/api/diet/goals", json=example("/api/diet/goals", "put"))
        assert goals.status_code == 200, goals.text


async def test_every_record_of_an_export_is_as_documented(unlimited):
    document = await _document(unlimited)
    operation = document["paths"]["/api/diet/users/{user_id}/export"]["get"]
    schema = operation["responses"]["200"]["content"]["application/x-ndjson"]["schema"]
    validator = OAS31Validator({**schema, "components": document["components"]})
    path = f"{unlimited.panel.rest}/users/{unlimited.panel.user}/export"
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.get(path, headers={"authorization": f"Bearer {unlimited.token}"})

    records = [json.loads(line) for line in answer.text.splitlines()]
    assert {"meal", "streak"} <= {record["type"] for record in records}
    for record in records:
        validator.validate(record)


async def _document(service):
    async with httpx2.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{service.root}/openapi.json")).json()
