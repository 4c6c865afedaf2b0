"""The grammar of path templates."""

from __future__ import annotations

import pytest

from gateway.template import TemplateError, Variable, parse


@pytest.mark.parametrize(
    ("text", "segments", "verb", "variables"),
    [
        ("/", None, None, None),
        ("/v1/books", ("v1", "books"), "", ()),
        ("/v1/{a}", ("v1", "*"), "", (Variable("a", 1, 2),)),
        ("/v1/{a.b_c=*}:go", ("v1", "*"), "go", (Variable("a.b_c", 1, 2),)),
        ("/{a=x/*/y}/z", ("x", "*", "y", "z"), "", (Variable("a", 0, 3),)),
        ("/{a=**}", ("**",), "", (Variable("a", 0, -1),)),
        ("/x/**:v", ("x", "**"), "v", ()),
        ("/{a}/{b=c/**}", ("*", "c", "**"), "", (Variable("a", 0, 1), Variable("b", 1, -1))),
        ("/caf%C3%A9", ("café",), "", ()),
        ("/{a=x:y}", None, None, None),
    ],
)
def test_what_a_template_means(
    text: str, segments: tuple[str, ...] | None, verb: str, variables: tuple[Variable, ...]
) -> None:
    if segments is None:
        with pytest.raises(TemplateError):
            parse(text)
        return
    template = parse(text)
    assert (template.segments, template.verb, template.variables) == (segments, verb, variables)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1/books",
        "/v1//books",
        "/v1/books/",
        "/v1/{}",
        "/v1/{1a}",
        "/v1/{a",
        "/v1/a}",
        "/v1/x{a}",
        "/v1/{a}x",
        "/v1/{a={b}}",
        "/v1/{a=}",
        "/**/x",
        "/{a=**}/x",
        "/v1/{a}/{a}",
        "/v1/***",
        "/v1/b ooks",
        "/v1/%zz",
        "/v1/%ff",
        "/v1/x:%ff",
        "/v1/books:",
        "/v1/books:a/b:",
        "/v1?x",
    ],
)
def test_what_breaks_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(TemplateError):
        parse(text)


def test_a_variable_of_one_segment_is_single() -> None:
    assert not Variable("a", 1, 2).multiple
    assert Variable("a", 1, 3).multiple
    assert Variable("a", 1, -1).multiple
