"""The same requests to our gateway and to a real Envoy, before the same gRPC service.

Envoy's `grpc_json_transcoder` reads google.api.http too, and was written apart from ours. Every
case of cases/*.toml says that both do the `same` with a request, or how they differ and why that is
meant. A case that says they differ fails where they do not.

"The same" is: the same status; the same calls of the service, request messages included (none,
where both refuse); and for a success the same JSON. Errors have bodies of their own, which are not
compared. What follows is settled before the comparison, in normal.py unless noted:

- int64 and uint64: Envoy prints them in quotes, we do not.
- Enums: Envoy's contract names the values by our JSON strings. It prints the unspecified value of
  an enum that has such strings, we do not.
- FieldMask: Envoy prints camelCase, we print snake_case.
- `ok`, the success field that our annotation adds, is taken off (conftest.py).
- Every success of Envoy's is 200, as it does not know our `success_status` (below).
- `response_body` is not in Envoy's contract, because Envoy does not start with it.

Envoy's options are those nearest to what we do (envoy_process.py). Numbers need no help: 2 is 2.0.
"""

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
async def test_case(case: dict[str, Any], ask: Any) -> None:
    method, target = case["request"].split(" ")
    body = body_of(case)
    headers = {"content-type": "application/json"} if body else {}
    ours, envoy = await ask(method, target, headers | case.get("headers", {}), body)
    if "same" in case:
        assert ours.status == case["same"], ours.text
        assert alike(ours, envoy), f"ours:  {ours}\nEnvoy: {envoy}"
    else:
        check_difference(case["differs"], ours, envoy)


def body_of(case: dict[str, Any]) -> bytes:
    """The body: as text, as bytes, or as texts with how often each is repeated."""
    if "body_hex" in case:
        return bytes.fromhex(case["body_hex"])
    parts = case.get("body_parts", [[case.get("body", ""), 1]])
    return "".join(text * times for text, times in parts).encode()


def alike(ours: Any, envoy: Any) -> bool:
    return (
        same_status(ours.status, envoy.status)
        and ours.calls == envoy.calls
        and ours.values == envoy.values
    )


def same_status(ours: int, envoy: int) -> bool:
    return ours == envoy or (200 <= ours < 300 and envoy == 200)


def check_difference(differs: dict[str, Any], ours: Any, envoy: Any) -> None:
    assert differs["why"]
    assert (ours.status, envoy.status) == (differs["ours"], differs["envoy"]), (ours, envoy)
    assert not alike(ours, envoy), "no difference any more: let the case say `same`"
    if same_status(ours.status, envoy.status) or "ours_says" in differs:
        check_values(ours, differs["ours_says"])
    if same_status(ours.status, envoy.status):
        check_values(envoy, differs["envoy_says"])


def check_values(heard: Any, says: list[str]) -> None:
    assert len(heard.values) == len(says), heard
    for value, text in zip(heard.values, says, strict=True):
        assert holds(value, json.loads(text)), heard


def holds(value: Any, part: Any) -> bool:
    """Whether the value has everything that the part has; lists and scalars are equal."""
    if not isinstance(part, dict):
        return bool(value == part)
    return isinstance(value, dict) and all(
        name in value and holds(value[name], item) for name, item in part.items()
    )
