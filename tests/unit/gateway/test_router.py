"""Routes are found by how specific they are, not by when they were added."""

from __future__ import annotations

from itertools import permutations
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.failures import GatewayError
from gateway.router import Match, NoMatch, Router
from gateway.template import parse


def router(*routes: str) -> Router[str]:
    result: Router[str] = Router()
    for route in routes:
        method, path = route.split(" ")
        assert result.add(method, parse(path), route) is None
    return result


def find(made: Router[str], method: str, path: str) -> str | tuple[str, ...]:
    found = made.find(method, path.encode())
    return found.target if isinstance(found, Match) else found.allowed


TEMPLATES = ["GET /a/b", "GET /a/*", "GET /a/**", "GET /{x}/b", "GET /**"]


@pytest.mark.parametrize("order", list(permutations(TEMPLATES)))
def test_the_order_of_declaration_does_not_matter(order: tuple[str, ...]) -> None:
    made = router(*order)
    assert find(made, "GET", "/a/b") == "GET /a/b"
    assert find(made, "GET", "/a/c") == "GET /a/*"
    assert find(made, "GET", "/a/c/d") == "GET /a/**"
    assert find(made, "GET", "/x/b") == "GET /{x}/b"
    assert find(made, "GET", "/x/y") == "GET /**"


def test_a_literal_that_leads_nowhere_is_left_again() -> None:
    made = router("GET /a/b/c", "GET /{x}/b/d")
    assert find(made, "GET", "/a/b/d") == "GET /{x}/b/d"


def test_a_verb_wins_over_a_colon_in_a_value() -> None:
    made = router("GET /a/{x}:go", "GET /a/{x}")
    assert find(made, "GET", "/a/1:go") == "GET /a/{x}:go"
    assert find(made, "GET", "/a/1:stop") == "GET /a/{x}"
    assert find(made, "GET", "/a/:go") == "GET /a/{x}"


def test_a_verb_after_a_rest() -> None:
    made = router("POST /{name=a/**}:go")
    found = made.find("POST", b"/a/b/c:go")
    assert isinstance(found, Match)
    assert found.variables == {"name": "a/b/c"}


def test_what_is_not_allowed_lists_what_is() -> None:
    made = router("GET /a/{x}", "POST /a/b", "* /c")
    assert find(made, "PUT", "/a/b") == ("POST", "GET")
    assert find(made, "PUT", "/a/c") == ("GET",)
    assert find(made, "PUT", "/c") == "* /c"
    assert made.find("GET", b"/d") == NoMatch(())


def test_head_is_get_before_it_is_any_method() -> None:
    made = router("GET /a", "* /a", "HEAD /b", "GET /b", "* /c", "POST /d")
    assert [find(made, "HEAD", path) for path in ("/a", "/b", "/c", "/d")] == [
        "GET /a", "HEAD /b", "* /c", ("POST",)]  # fmt: skip


def test_all_methods_of_a_path_are_listed() -> None:
    made = router("GET /a/{x}", "POST /a/b", "* /a/**", "PUT /{name=c/**}", "GET /{name=**}")
    assert made.methods(b"/a/b") == ("POST", "GET", "*")
    assert made.methods(b"/a/b/c") == ("*", "GET")
    assert made.methods(b"/") == ()


def test_the_same_route_twice_is_told() -> None:
    made = router("GET /a/{x}")
    assert made.add("GET", parse("/a/{y}"), "other") == "GET /a/{x}"


@pytest.mark.parametrize("path", [b"/a/%", b"/a/%2", b"/a/%zz", b"/a/%ff", b"/a/\xff"])
def test_what_is_not_percent_encoded_utf8_is_refused(path: bytes) -> None:
    with pytest.raises(GatewayError):
        router("GET /a/{x}").find("GET", path)


@settings(deadline=None, derandomize=True)
@given(st.text(min_size=1))
def test_a_variable_is_what_the_client_encoded(value: str) -> None:
    value = value.encode("utf-8", "ignore").decode() or "x"
    found = router("GET /a/{x}/b").find("GET", f"/a/{quote(value, safe='')}/b".encode())
    assert isinstance(found, Match)
    assert found.variables == {"x": value}


@pytest.mark.parametrize(
    ("template", "own", "foreign"),
    [("/a%2Fb", "/a%2Fb", "/a/b"), ("/a%3Ab", "/a%3Ab", "/a:b"), ("/a%25b", "/a%25b", "/a%b")],
)
def test_an_escaped_literal_is_found_by_its_own_path_alone(
    template: str, own: str, foreign: str
) -> None:
    made = router(f"GET {template}", "GET /a/{x}", "GET /{x}:b")
    assert find(made, "GET", own) == f"GET {template}"
    try:
        assert find(made, "GET", foreign) != f"GET {template}"
    except GatewayError:  # a percent sign alone is malformed
        assert foreign == "/a%b"
