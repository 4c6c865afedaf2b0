"""Everything that the code names as a place for data is in the registry of erasure."""

import ast
import inspect
from pathlib import Path
from typing import get_type_hints

import pytest

from dietcare.erasure.registry import HOLDINGS, OF_NOBODY, Holders, registered
from dietcare.repositories.port import Held, Repositories
from dietcare.v1 import account_pb2
from gateway.v1 import annotations_pb2

CODE = Path(__file__).parents[3] / "dietcare"
PRIVACY = CODE.parent / "docs" / "privacy.md"
CACHE_PREFIXES = ("diet:", "rate:")


def trees():
    for path in CODE.rglob("*.py"):
        yield path, ast.walk(ast.parse(path.read_text()))


def collections():
    """Every collection that the code names: in a constant, or where it opens one."""
    for path, nodes in trees():
        for node in nodes:
            if isinstance(node, ast.Assign) and path.parent.name in ("mongo", "migrations"):
                names = [each.id for each in node.targets if isinstance(each, ast.Name)]
                if any(name.endswith("COLLECTION") for name in names):
                    yield ast.literal_eval(node.value)
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "collection":
                yield from (each.value for each in node.args if isinstance(each, ast.Constant))


def cache_keys():
    """Every key that the code makes for Redis or a cache, with x:x for what varies."""
    for _, nodes in trees():
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                parts = [p.value if isinstance(p, ast.Constant) else "x:x" for p in node.values]
                if "".join(parts).startswith(CACHE_PREFIXES):
                    yield "".join(parts)


def test_every_collection_that_the_code_names_is_registered():
    found = set(collections())
    assert {"meal_logs", "diet_goals", "foods", "erasures"} <= found
    assert {name for name in found if registered(name) is None} == set()


def test_every_cache_key_that_the_code_makes_is_registered():
    found = set(cache_keys())
    assert {"diet:goal:x:x", "diet:analysis:x:x", "rate:x:x:x:x"} == found
    assert {key for key in found if registered(key) is None} == set()


def test_what_is_in_no_registry_has_no_name_there():
    assert registered("meal_notes") is registered("diet:meal:1") is registered("rates:1") is None
    assert registered("diet:goal:507f1f77bcf86cd799439011") == "diet:goal:{user_id}"


def test_nothing_is_registered_twice():
    names = [*(name for holding in HOLDINGS for name in holding.names), *OF_NOBODY]
    assert len(names) == len(set(names))


def test_whatever_can_be_erased_is_erased_by_the_registry(stored):
    """A repository that holds records of users is behind one of its entries."""
    nothing = object()
    erased = [each.held(Holders(stored, nothing, nothing)) for each in HOLDINGS if each.held]
    held = [
        name
        for name, port in get_type_hints(Repositories).items()
        if inspect.isclass(port) and issubclass(port, Held)
    ]
    assert len(held) >= 5
    for name in held:
        assert any(each is getattr(stored, name) for each in erased), name


def test_each_holding_is_exported_or_says_why_not():
    kinds = {
        value.GetOptions().Extensions[annotations_pb2.value].json_name
        for value in account_pb2.RecordType.DESCRIPTOR.values
        if value.number
    }
    told = {holding.export for holding in HOLDINGS if not holding.export.startswith("no: ")}
    assert told == kinds == {"meal", "goals", "analysis", "streak"}


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda each: each.names[0])
def test_what_an_erasure_leaves_says_why_and_all_is_told_in_the_docs(holding):
    assert holding.held is not None or holding.stays
    told = PRIVACY.read_text()
    for name in holding.names:
        assert f"`{name}`" in told
