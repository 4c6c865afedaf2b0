"""Every case of cases/*.toml, over both dispatchers, with and without a server."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for case in tomllib.loads(file.read_text())["case"]
]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("case", CASES)
async def test_case(case: dict[str, Any], asgi: Any) -> None:
    await check(case, asgi)


@pytest.mark.parametrize("case", CASES)
async def test_case_over_http(case: dict[str, Any], tcp: Any) -> None:
    await check(case, tcp)


async def check(case: dict[str, Any], client: Any) -> None:
    """Send the case's request and compare what it states of the answer."""
    method, target = case["request"].split(" ")
    body = case.get("body", "").encode()
    headers = {"content-type": "application/json"} if body else {}
    headers |= case.get("headers", {})
    answer = await client.send(method, target, headers, body)
    assert answer.status == case["status"], answer.body.decode()
    assert answer.headers["x-request-id"]
    for name, value in case.get("answer_headers", {}).items():
        assert answer.headers.get(name) == value, name
    for name in case.get("no_headers", []):
        assert name not in answer.headers
    if "text" in case:
        assert answer.body.decode() == case["text"]
    if "json" in case:
        assert answer.json == json.loads(case["json"])
        assert answer.headers["content-type"] == "application/json"
    if "lines" in case:
        assert answer.lines == [json.loads(line) for line in case["lines"]]
        assert answer.headers["content-type"] == "application/x-ndjson"
    if answer.status >= 400 and method != "HEAD":
        check_error(case, answer)


def check_error(case: dict[str, Any], answer: Any) -> None:
    """Every error has one shape."""
    error = answer.json
    assert list(error) == ["error_code", "message", "detail", "request_id"]
    assert error["error_code"] == answer.status
    assert error["message"]
    assert error["request_id"] == answer.headers["x-request-id"]
    assert error["detail"]["reason"] == case["reason"], error
    if "fields" in case:
        assert [each["field"] for each in error["detail"]["fields"]] == case["fields"], error
    assert "secret" not in answer.body.decode()
