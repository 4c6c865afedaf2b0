"""SECURITY.md names tests that exist: a safeguard without one would be a promise."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, functions))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_tests_that_it_names_exist(file: str, test: str) -> None:
    assert test in names_in(file)


def test_every_threat_has_a_test() -> None:
    threats = PAGE.partition("## Threats")[2].partition("\n\n`make audit`")[0]
    rows = [line for line in threats.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 10
    assert all("::" in row for row in rows)
