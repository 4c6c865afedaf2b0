"""Whose records a call is about is read and judged in one place."""

import ast
from collections.abc import Iterator
from pathlib import Path

API = Path(__file__).parents[2] / "dietcare" / "api"
JUDGE = "interceptors/access.py"
QUESTIONS = ("resolve", "may", "scopes")
"""What a Caller can be asked about its rights."""


def _attributes(source: str) -> Iterator[ast.Attribute]:
    return (each for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Attribute))


def _asks_the_request(each: ast.Attribute) -> bool:
    named = each.value.id if isinstance(each.value, ast.Name) else ""
    return each.attr == "user_id" and named in ("request", "message", "request_or_iterator")


def _is_judgement(each: ast.Attribute) -> bool:
    on_path = each.attr == "resolve" and isinstance(each.value, ast.Call)  # Path(...).resolve()
    return each.attr in QUESTIONS and not on_path


def test_only_the_judge_reads_the_user_of_a_request_and_the_rights_of_a_caller() -> None:
    found = {
        str(path.relative_to(API))
        for path in API.rglob("*.py")
        for each in _attributes(path.read_text())
        if _asks_the_request(each) or _is_judgement(each)
    }
    assert found == {JUDGE}


def test_no_request_is_asked_for_its_user_by_name() -> None:
    found = {
        str(path.relative_to(API))
        for path in API.rglob("*.py")
        for each in ast.walk(ast.parse(path.read_text()))
        if isinstance(each, ast.Call) and any(_is_user_id(value) for value in each.args)
    }
    assert found <= {JUDGE}


def _is_user_id(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value == "user_id"
