"""`dietcare foods import` as an operator runs it, and a service that then knows the rows."""

import csv
from pathlib import Path

import httpx2
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

NATIONAL = Path(__file__).parents[1] / "unit" / "foods" / "national.csv"
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


async def test_a_file_that_is_no_such_table_is_one_line_and_stores_nothing(programs, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("name,salt\nsoup,1\n", encoding="utf-8")
    for path, said in ((other, "식품코드"), (tmp_path / "missing.csv", "No such file")):
        arguments = ("foods", "import", str(path))
        code, printed = await programs.dietcare(*arguments, folder=programs.folder())
        assert (code, printed.out.lines) == (1, [])
        (line,) = printed.err.lines
        assert str(path) in line
        assert said in line


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
