"""`dietcare audit` as an operator runs it, beside the service that wrote the log."""

import json
import re

import httpx2
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENT = "6565a1b2c3d4e5f600000a0d"


async def test_an_operator_reads_who_was_let_at_a_users_records(running, programs):
    folder = running.folder
    code, printed = await programs.dietcare(
        "token", "당뇨 clinic", "--scope", "diet:admin", folder=folder
    )
    assert code == 0, printed.err.text
    headers = {"authorization": f"Bearer {printed.out.text.strip()}", "x-request-id": "r1"}
    async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as http:
        for method, path in (
            ("GET", f"/streak?user_id={PATIENT}"),
            ("DELETE", f"/users/{PATIENT}"),
        ):
            assert (await http.request(method, running.panel.rest + path)).status_code == 200

    code, printed = await programs.dietcare("audit", PATIENT.upper(), folder=folder)

    assert code == 0, printed.err.text
    lines = [json.loads(line) for line in printed.out.lines]
    assert [(each["action"], each["outcome"]) for each in lines] == [
        ("GetStreak", "granted"),
        ("DeleteUserData", "granted"),
        ("DeleteUserData", "done"),
    ]
    for each in lines:
        assert (each["subject"], each["request_id"]) == ("당뇨 clinic", "r1")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", each["at"])


async def test_whose_records_has_to_be_an_id(programs):
    code, printed = await programs.dietcare("audit", "me", folder=programs.folder())
    assert (code, printed.err.lines[-1]) == (1, "dietcare: USER_ID must be 24 hexadecimal digits")
