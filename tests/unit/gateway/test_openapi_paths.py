"""Paths of the OpenAPI document are those that a client has to send."""

import pytest

from gateway.openapi.paths import shape, slots
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


def test_so_does_one_in_the_pattern_of_a_variable() -> None:
    assert slots(parse("/{name=a%2Fb/*}")) == [("name", "^a%2Fb/[^/]+$")]
