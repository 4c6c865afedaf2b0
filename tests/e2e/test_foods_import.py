"""`dietcare foods import` as an operator runs it, and a service that then knows the rows."""

import asyncio
import csv
import io
import signal
import sys
import uuid
from pathlib import Path

import httpx2
import pymongo
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

NATIONAL = Path(__file__).parents[1] / "unit" / "foods" / "national.csv"
DIETCARE = Path(sys.prefix) / "bin" / "dietcare"
BAD = "D000-1,나쁜 행\n"


@pytest.fixture
def file(tmp_path):
    """The fixture of the reader in CP949, as the site has it, with a bad row at its end."""
    path = tmp_path / "national.csv"
    path.write_bytes((NATIONAL.read_text(encoding="utf-8-sig") + BAD).encode("cp949"))
    return path


async def found(service, query):
    headers = {"authorization": f"Bearer {service.panel.token}"}
    async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as http:
        answer = await http.get(f"{service.panel.rest}/foods", params={"query": query})
        return [each["food_code"] for each in answer.json()["foods"]]


async def test_rows_are_stored_once_and_known_to_services_that_start_afterwards(programs, file):
    folder = programs.folder()
    code, printed = await programs.dietcare("foods", "import", str(file), folder=folder)
    assert code == 0, printed.err.text
    assert printed.out.lines[0] == "4 rows stored, 4 of them new; 1 refused"
    assert "line 6: D000-1: it has not as many cells as there are columns" in printed.err.text

    service = await programs.serve(folder)
    assert "D410-498000000-0001" in await found(service, "파래볶음")

    # Beside the running service, and again: the same rows, none of them new.
    code, printed = await programs.dietcare("foods", "import", str(file), folder=folder)
    assert code == 0, printed.err.text
    assert printed.out.lines[0] == "4 rows stored, 0 of them new; 1 refused"


async def test_a_dry_run_stores_nothing_and_writes_down_what_it_refuses(programs, file, tmp_path):
    refused, folder = tmp_path / "refused.csv", programs.folder()
    arguments = ("foods", "import", str(file), "--dry-run", "--refused", str(refused))
    code, printed = await programs.dietcare(*arguments, folder=folder)

    assert code == 0, printed.err.text
    assert printed.out.lines == ["4 rows would be stored; 1 refused"]
    with refused.open(encoding="utf-8", newline="") as report:
        (row,) = csv.DictReader(report)
    assert (row["line"], row["code"]) == ("6", "D000-1")

    code, printed = await programs.dietcare("foods", "import", str(file), folder=folder)
    assert printed.out.lines[0] == "4 rows stored, 4 of them new; 1 refused"


HEADER = NATIONAL.read_text(encoding="utf-8-sig").splitlines(keepends=True)[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "No such file", id="missing"),
        pytest.param(b"", "columns are missing: 식품코드", id="empty"),
        pytest.param(b"name,salt\nsoup,1\n", "columns are missing: 식품코드", id="another table"),
        pytest.param(b"\x89PNG\r\n\x1a\n\xff\xfe\x00", "neither UTF-8 nor CP949", id="binary"),
        pytest.param(HEADER.encode(), "has no row that can be used", id="no row"),
        pytest.param((HEADER + BAD).encode(), "has no row that can be used", id="no good row"),
    ],
)
async def test_a_file_without_rows_is_one_line_and_stores_nothing(
    programs, tmp_path, content, said
):
    path = tmp_path / "table.csv"
    if content is not None:
        path.write_bytes(content)
    arguments = ("foods", "import", str(path), "--dry-run")
    code, printed = await programs.dietcare(*arguments, folder=programs.folder())
    assert code == 1
    assert str(path) in printed.err.lines[-1]
    assert said in printed.err.lines[-1]


async def test_a_report_that_can_not_be_written_is_told_before_anything_is_stored(programs, file):
    folder = programs.folder()
    for to in ("none/refused.csv", str(file)):
        arguments = ("foods", "import", str(file), "--refused", to)
        code, printed = await programs.dietcare(*arguments, folder=folder)
        assert (code, printed.out.lines) == (1, [])
        assert to in printed.err.text
    assert not (folder / ".dietcare" / "mongo").exists()
    assert file.read_bytes().decode("cp949").endswith(BAD)


ROWS = 20_000


@pytest.fixture
def large(tmp_path):
    """As many rows as a national table has, each with its own code and name."""
    reader = csv.DictReader(io.StringIO(NATIONAL.read_text(encoding="utf-8-sig")))
    first = next(reader)
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, list(first))
        writer.writeheader()
        for number in range(ROWS):
            row = {"식품코드": f"D999-{number:06}", "식품명": f"무조림_{number}"}
            writer.writerow({**first, **row})
    return path


async def test_what_was_interrupted_is_whole_after_it_is_run_again(programs, large, mongod_uri):
    name = f"foods_{uuid.uuid4().hex}"
    settings = {"DIETCARE_MONGODB_URI": mongod_uri, "DIETCARE_MONGODB_DATABASE": name}
    command, folder = (DIETCARE, "foods", "import", str(large)), programs.folder()
    async with pymongo.AsyncMongoClient(mongod_uri) as mongo:
        foods = mongo[name]["foods"]
        async with await foods.watch() as changes:
            importing = await programs.start(*command, folder=folder, **settings)
            async with asyncio.timeout(60):
                await changes.next()
        assert await importing.stop(signal.SIGINT) == 130
        assert "Traceback" not in importing.err.text
        there = await foods.count_documents({})
        assert 0 < there < ROWS

        code, printed = await programs.run(*command, folder=folder, **settings)
        assert code == 0, printed.err.text
        new = f"{ROWS} rows stored, {ROWS - there} of them new; 0 refused"
        assert printed.out.lines[0] == new
        assert await foods.count_documents({}) == ROWS
        await mongo.drop_database(name)


async def test_outside_development_the_migrations_come_first(programs, file, mongod_uri):
    settings = {
        "DIETCARE_ENV": "staging",
        "DIETCARE_MONGODB_URI": mongod_uri,
        "DIETCARE_MONGODB_DATABASE": "foods_import_unmigrated",
        "DIETCARE_JWT_SECRET": "s" * 40,
        "DIETCARE_ADMIN_ADDRESS": "127.0.0.1:0",
    }
    arguments = ("foods", "import", str(file))
    code, printed = await programs.dietcare(*arguments, folder=programs.folder(), **settings)
    assert code == 1
    assert "dietcare migrate" in printed.err.text
