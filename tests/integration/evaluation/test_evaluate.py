"""`dietcare evaluate` as an operator runs it, against an endpoint that fails when told to."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dietcare.local.dishes import dish
from dietcare.local.simulator import serve_simulator

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "samples"
COMMAND = "from dietcare.cli import main; main()"
TRUTH = "file,name,portion_g,sodium_mg,protein_g,potassium_mg,phosphorus_mg"


def row(file, name, **changed):
    """What the simulator says of the dish, but for what is changed."""
    known = dish(name)
    amounts = {
        nutrient.value: amount * known.serving_g / 100
        for nutrient, amount in known.per_100g.known()
    }
    values = [f"{each:.3f}" for each in {**amounts, **changed}.values()]
    return ",".join([file, name, str(known.serving_g), *values])


@pytest.fixture
def folder(tmp_path):
    for sample in ("bibimbap.jpg", "kimchi_stew.jpg"):
        shutil.copy(SAMPLES / sample, tmp_path)
    rows = (
        TRUTH,
        row("bibimbap.jpg", "비빔밥", sodium_mg=1_000),
        row("kimchi_stew.jpg", "김치찌개"),
    )
    (tmp_path / "truth.csv").write_text("\n".join(rows))
    return tmp_path


@pytest.fixture
def evaluate(folder):
    def run(**variables):
        process = subprocess.run(
            [sys.executable, "-c", COMMAND, "evaluate", str(folder)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120", **variables},
            capture_output=True,
            text=True,
            timeout=60,
        )
        return process.returncode, process.stdout, process.stderr

    return run


def figures(output, nutrient):
    """The row of a nutrient: photos, mean absolute error, mean error in percent, bias."""
    return re.search(rf"│ {nutrient} +│ +(\S+) │ +(\S+) │ +(\S+) │ +(\S+) │", output).groups()


def test_the_simulator_is_as_wrong_as_the_truth_says(evaluate, folder):
    status, output, errors = evaluate()
    assert status == 0, errors
    seen = dish("비빔밥").per_100g.sodium_mg * dish("비빔밥").serving_g / 100
    off = seen - 1_000
    assert figures(output, "sodium_mg") == (
        "2",
        f"{off / 2:.1f}",
        f"{off / 20:.1f}",
        f"{off / 2:+.1f}",
    )
    assert figures(output, "potassium_mg") == ("2", "0.0", "0.0", "+0.0")
    assert "F1 1.00, precision 1.00, recall 1.00, over 2 photos" in output
    assert errors == ""
    assert (folder / "results" / "report.svg").read_text().startswith("<svg")


async def test_what_failed_is_tried_again_and_what_did_not_is_not(evaluate, folder):
    asked = []
    async with serve_simulator(("ok",), on_request=asked.append) as url:
        status, output, errors = await in_thread(evaluate, OPENAI_BASE_URL=url)
        assert (status, len(asked)) == (0, 2), errors
        rows = (folder / "truth.csv").read_text() + "\nrice_and_soup.jpg,밥,,,,,\n"
        shutil.copy(SAMPLES / "rice_and_soup.jpg", folder)
        (folder / "truth.csv").write_text(rows.replace("밥,,,,,", ",,,,,"))
    async with serve_simulator(("refusal",)) as url:
        status, output, errors = await in_thread(evaluate, OPENAI_BASE_URL=url)
        assert status == 1
        assert "not analysed: rice_and_soup.jpg: VISION_UNAVAILABLE" in output
        assert figures(output, "potassium_mg")[0] == "2"
        assert "run it again" in errors
    async with serve_simulator(("ok",), on_request=asked.append) as url:
        status, output, errors = await in_thread(evaluate, OPENAI_BASE_URL=url)
        assert (status, len(asked)) == (0, 3), errors
    assert figures(output, "potassium_mg")[0] == "3"


async def test_a_wrong_truth_is_refused_before_anything_is_sent(evaluate, folder):
    (folder / "truth.csv").write_text(f"{TRUTH}\nbibimbap.jpg,비빔밥,0,,,,\nnone.jpg,밥,1,,,,")
    asked = []
    async with serve_simulator(("ok",), on_request=asked.append) as url:
        status, _, errors = await in_thread(evaluate, OPENAI_BASE_URL=url)
    assert (status, asked) == (1, [])
    assert "line 2: portion_g" in errors
    assert "line 3: file" in errors


async def test_it_can_be_stopped_and_goes_on_where_it_was(folder):
    asked, second = [], asyncio.Event()

    def on_request(request):
        asked.append(request)
        if len(asked) == 2:
            second.set()

    arguments = (sys.executable, "-c", COMMAND, "evaluate", str(folder), "--at-once", "1")
    async with serve_simulator(("ok", "hang", "ok"), on_request=on_request) as url:
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_BASE_URL": url}
        process = await asyncio.create_subprocess_exec(
            *arguments, cwd=folder, env=variables, stderr=subprocess.PIPE
        )
        async with asyncio.timeout(60):
            await second.wait()
            process.send_signal(signal.SIGINT)
            _, errors = await process.communicate()
        assert process.returncode == 130
        assert b"Traceback" not in errors

        again = await asyncio.create_subprocess_exec(*arguments, cwd=folder, env=variables)
        async with asyncio.timeout(60):
            assert await again.wait() == 0
    assert len(asked) == 3


async def test_a_photo_that_can_not_be_used_costs_itself_alone(evaluate, folder):
    (folder / "note.jpg").write_text("no picture")
    # A file that is there, and whose reading fails, for root too.
    (folder / "broken.jpg").symlink_to("/proc/self/mem")
    with (folder / "truth.csv").open("a", encoding="utf-8") as truth:
        truth.write("\nnote.jpg,밥,210,,,,\nbroken.jpg,밥,210,,,,\n")
    status, output, _ = await asyncio.to_thread(evaluate)
    assert status == 1
    assert "not analysed: broken.jpg: Input/output error" in output
    assert "not analysed: note.jpg: INVALID_IMAGE_URL" in output
    assert figures(output, "potassium_mg")[0] == "2"


@pytest.mark.parametrize("mode", ["401", "429", "500", "html", "nan", "truncation"])
async def test_an_endpoint_that_fails_is_told_for_each_photo(evaluate, folder, mode):
    async with serve_simulator((mode,)) as url:
        status, output, errors = await in_thread(evaluate, OPENAI_BASE_URL=url)
    assert status == 1
    for name in ("bibimbap.jpg", "kimchi_stew.jpg"):
        assert f"not analysed: {name}: VISION_UNAVAILABLE" in output
    assert "Traceback" not in errors
    assert figures(output, "sodium_mg") == ("0", "–", "–", "–")


async def test_the_same_photo_under_two_names_counts_twice_and_is_looked_at_once(evaluate, folder):
    shutil.copy(folder / "bibimbap.jpg", folder / "again.jpg")
    with (folder / "truth.csv").open("a", encoding="utf-8") as truth:
        truth.write("\n" + row("again.jpg", "비빔밥"))
    asked = []
    async with serve_simulator(("ok",), on_request=asked.append) as url:
        status, output, errors = await in_thread(evaluate, OPENAI_BASE_URL=url)
    assert (status, len(asked)) == (0, 2), errors
    assert figures(output, "potassium_mg")[0] == "3"


def test_results_that_can_not_be_kept_are_one_line(folder):
    without_room = ("/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh")
    # Coverage would want room for what it measures, and complain after the program.
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    process = subprocess.run(
        [*without_room, sys.executable, "-c", COMMAND, "evaluate", str(folder)],
        cwd=folder,
        env={**unmeasured, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode == 1
    assert ".jsonl: File too large" in process.stderr.splitlines()[-1]
    assert "Traceback" not in process.stderr


async def in_thread(run, **variables):
    """The command's process answers to the simulator of this loop."""
    return await asyncio.to_thread(run, **variables)


def test_a_terminal_is_told_how_far_it_is(folder):
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "evaluate", str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b""
        while piece := read_or_end(ours):
            shown += piece
    os.close(ours)
    assert process.returncode == 0, shown
    assert b"2/2" in shown


def read_or_end(terminal):
    """What is shown next; nothing once the process is gone."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
