"""Every case of cases/*.toml, over both dispatchers, in every way a request can come.

A case says what is sent, and of the answer what it wants to be held to:

| key | |
|---|---|
| `request`, `headers` | method and target; a table, or pairs where a header is sent twice |
| `body`, `body_hex`, `body_parts` | text, bytes, or [text, how often] |
| `status`, `answer_headers`, `no_headers` | and the headers that must not be there |
| `text`, `json` | the whole body |
| `lines`, `events` | NDJSON records; server-sent events as [type, data] |
| `within` | numbers of the JSON body by name, as [lowest, highest]; grpc rounds a deadline up |
| `reason`, `fields`, `messages` | of an error, and what it says of each field |
| `broken` | the answer ends before its end |
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.safety import SAFE

CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for case in tomllib.loads(file.read_text())["case"]
]
KEYS = {
    *("name", "request", "headers", "body", "body_hex", "body_parts", "status", "answer_headers"),
    *("no_headers", "text", "json", "lines", "events", "within", "reason", "fields", "messages"),
    "broken",
}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("case", CASES)
async def test_case(case: dict[str, Any], ways: dict[str, Any], client: Any) -> None:
    for way, each in ways.items():
        try:
            await check(case, each, client.request_of)
        except AssertionError as error:
            error.add_note(f"The request came {way}.")
            raise


async def test_cases_have_names_of_their_own_and_known_keys() -> None:
    ids = [param.id for param in CASES]
    assert len(set(ids)) == len(ids)
    for param in CASES:
        assert param.values[0].keys() <= KEYS, param.id


async def check(case: dict[str, Any], client: Any, request_of: Any) -> None:
    """Send the case's request and compare what it states of the answer."""
    method, target, headers, body = request_of(case)
    answer = await client.send(method, target, headers, body)
    assert answer.status == case["status"], answer.body.decode(errors="replace")
    assert answer.whole is not case.get("broken", False)
    assert answer.headers["x-request-id"]
    assert answer.headers.keys() >= SAFE.keys()
    assert "origin" in answer.headers["vary"]
    assert not {"server", "strict-transport-security"} & answer.headers.keys()
    for name, value in case.get("answer_headers", {}).items():
        assert answer.headers.get(name) == value, name
    for name in case.get("no_headers", []):
        assert name not in answer.headers
    check_body(case, answer)
    if answer.status >= 400 and method != "HEAD":
        check_error(case, answer)


def check_body(case: dict[str, Any], answer: Any) -> None:
    """Compare the body in the form that the case chose."""
    content_type = answer.headers.get("content-type")
    if "text" in case:
        assert answer.body.decode() == case["text"]
    if "json" in case:
        assert answer.json == json.loads(case["json"])
        assert content_type == "application/json"
    if "lines" in case:
        assert answer.lines == [json.loads(line) for line in case["lines"]]
        assert content_type == "application/x-ndjson"
    if "events" in case:
        assert answer.events == [[kind, json.loads(data)] for kind, data in case["events"]]
        assert content_type == "text/event-stream"
    for name, (low, high) in case.get("within", {}).items():
        assert low <= answer.json[name] <= high


def check_error(case: dict[str, Any], answer: Any) -> None:
    """Every error has one shape."""
    error = answer.json
    assert list(error) == ["error_code", "message", "detail", "request_id"]
    assert error["error_code"] == answer.status
    assert error["message"]
    assert error["request_id"] == answer.headers["x-request-id"]
    assert error["detail"]["reason"] == case["reason"], error
    fields = error["detail"].get("fields", [])
    if "fields" in case:
        assert [each["field"] for each in fields] == case["fields"], error
    if "messages" in case:
        assert [each["message"] for each in fields] == case["messages"], error
    assert "secret" not in answer.body.decode()
