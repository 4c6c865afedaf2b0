"""A few seconds of fuzzing for each parser of what strangers send; more as targets.py says.

A crash, or an input that keeps the parser for five seconds, is a failure; the input is printed.
"""

import random
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="no wheel of atheris for this platform")

TARGETS = Path(__file__).parent / "targets.py"
SECONDS = 4
SEEDS = {
    "path": (b"\x00/meals/507f1f77bcf86cd799439011", b"\x03/users/%E2%82%AC", b"\x01/goals:x"),
    "query": (b"page=1&page_size=20&start_date=2025-11-27", b"a.b=%41+&&=&page=1&page=2"),
    "json": (
        b'{"meal_type": "lunch", "foods": [{"name": "\\ubc25", "portion_g": 2.5e2}], "note": null}',
        b'{"logged_at": "2025-11-27T08:00:00+09:00", "total_nutrients": {"sodium_mg": 1}}',
    ),
    "token": (
        b'{"sub": "507f1f77bcf86cd799439011", "exp": 4102444800, "scope": "diet:read"}',
        b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.c2ln",
    ),
}
"""Where mutation begins: orjson and PyJWT are not instrumented, and say nothing of the way."""


def fuzzed(target: str, corpus: Path, *seeds: bytes) -> subprocess.CompletedProcess[str]:
    for number, seed in enumerate(seeds):
        (corpus / f"seed{number}").write_bytes(seed)
    chosen = random.randrange(1, 2**31)  # noqa: S311
    print(f"seed {chosen}")  # noqa: T201 - to run the same again
    options = [f"-seed={chosen}", f"-max_total_time={SECONDS}", "-timeout=5", "-max_len=4096"]
    return subprocess.run(
        [sys.executable, TARGETS, target, *options, corpus],
        cwd=corpus,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", sorted(SEEDS))
def test_no_input_crashes_a_parser_or_keeps_it(target: str, tmp_path: Path) -> None:
    done = fuzzed(target, tmp_path, *SEEDS[target])
    assert done.returncode == 0, done.stderr[-3_000:]
    assert "Done " in done.stderr


def test_a_parser_that_crashes_is_found(tmp_path: Path) -> None:
    done = fuzzed("broken", tmp_path, b"{")
    assert done.returncode != 0
    assert "ValueError: found" in done.stdout + done.stderr
