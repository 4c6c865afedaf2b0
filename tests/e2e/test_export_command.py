"""`dietcare export`: the same bytes as REST, beside a service that runs, and in its audit log."""

import json

import httpx2
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE_USER = "507f1f77bcf86cd799439011"


@pytest.fixture
def rest(running):
    async def export(form):
        headers = {"authorization": f"Bearer {running.panel.token}"}
        async with httpx2.AsyncClient(trust_env=False, headers=headers, timeout=30) as http:
            path = f"{running.panel.rest}/users/{SAMPLE_USER}/export"
            answer = await http.get(path, params={"format": form})
        assert answer.status_code == 200
        return answer.content

    return export


@pytest.mark.parametrize("form", ["ndjson", "csv", "fhir-r5"])
async def test_it_writes_what_rest_answers(running, programs, rest, tmp_path, form):
    out = tmp_path / "export"
    code, done = await programs.dietcare(
        "export", SAMPLE_USER, "--format", form, "--out", str(out), folder=running.folder
    )
    assert code == 0, done.err.text
    written, answered = out.read_bytes(), await rest(form)
    if form == "fhir-r5":  # it says when it was made
        written, answered = json.loads(written)["entry"], json.loads(answered)["entry"]
    assert written == answered
    assert list(tmp_path.iterdir()) == [out]


async def test_without_a_file_it_prints(running, programs, rest):
    code, done = await programs.dietcare("export", SAMPLE_USER, folder=running.folder)
    assert (code, done.err.text) == (0, "")
    assert [json.loads(line) for line in done.out.lines] == [
        json.loads(line) for line in (await rest("ndjson")).splitlines()
    ]


async def test_it_is_in_the_audit_log(running, programs):
    await programs.dietcare("export", SAMPLE_USER, folder=running.folder)
    _, shown = await programs.dietcare("audit", SAMPLE_USER, folder=running.folder)
    entries = [json.loads(line) for line in shown.out.lines]
    told = [(e["subject"], e["action"], e["outcome"]) for e in entries][-2:]
    assert told == [
        ("operator", "dietcare export", "granted"),
        ("operator", "dietcare export", "done"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody"], "USER_ID must be 24 hexadecimal digits"),
        ([SAMPLE_USER, "--format", "xlsx"], "ndjson"),
        ([SAMPLE_USER, "--out", "/no/such/folder/file"], "/no/such/folder"),
    ],
)
async def test_what_is_wrong_is_said_in_words(running, programs, arguments, said):
    code, done = await programs.dietcare("export", *arguments, folder=running.folder)
    assert code != 0
    assert said in done.err.text
    assert "Traceback" not in done.err.text
