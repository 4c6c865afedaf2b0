"""Paths of the OpenAPI document are those that a client has to send."""

import pytest

from gateway.openapi.paths import Slot, shape, slots
from gateway.template import parse


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/a%2fb/{x}", "/a%2Fb/{}"),
        ("/100%25:run%3Anow", "/100%25:run%3Anow"),
        ("/%EA%B9%80%EC%B9%98/*", "/%EA%B9%80%EC%B9%98/{}"),
        ("/%7Bx%7D", "/%7Bx%7D"),
        ("/a%2Db,c@d", "/a-b,c@d"),
    ],
)
def test_a_literal_stays_escaped_where_it_has_to_be(template: str, path: str) -> None:
    assert shape(parse(template)) == path


def test_a_variable_of_several_segments_is_spelled_out() -> None:
    template = parse("/{name=a%2Fb/*}")
    assert shape(template) == "/a%2Fb/{}"
    assert slots(template) == [Slot("name", "name", "a%2Fb/*", is_rest=False)]
    assert shape(parse("/v1/{kind=books}/{id}")) == "/v1/books/{}"
    assert [slot.name for slot in slots(parse("/v1/{kind=books}/{id}"))] == ["id"]
    template = parse("/{a.name=x/*/y/**}:go")
    assert shape(template) == "/x/{}/y/{}:go"
    assert slots(template) == [
        Slot("a.name-1", "a.name", "x/*/y/**", is_rest=False),
        Slot("a.name-2", "a.name", "x/*/y/**", is_rest=True),
    ]
