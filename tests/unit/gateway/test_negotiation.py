"""Weights of Accept… headers, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.compression import preferred_coding
from gateway.messages import preferred
from gateway.negotiation import media_weight, weights


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", {}),
        (",, ,", {}),
        ("A", {"a": 1.0}),
        ("a;q=0.5, b ; Q = 0.25 ,c;q=1.000", {"a": 0.5, "b": 0.25, "c": 1.0}),
        ("a;q=0.1, a;q=0.9, a;q=0.2", {"a": 0.9}),
        ("text/html;level=1;q=0.3;x=y", {"text/html": 0.3}),
        ("a;q=, b;q=x, c;q=1.001, d;q=-1, e;q=0.1234, f;q=nan", dict.fromkeys("abcdef", 0.0)),
        ("a;q", {"a": 0.0}),
    ],
)  # fmt: skip
def test_weights(header: str, expected: dict[str, float]) -> None:
    assert weights(header) == expected


@pytest.mark.parametrize(
    ("accept", "weight"),
    [("text/csv;q=0.3, text/*, */*", 0.3), ("text/*;q=0.4, */*", 0.4), ("*/*;q=0.5", 0.5)],
)  # fmt: skip
def test_the_most_specific_range_counts(accept: str, weight: float) -> None:
    assert media_weight(accept, "text/csv") == weight


pieces = st.sampled_from(("br", "gzip", "*", "en", ";q=0.", "5", "1", ",", ";", "=", " ", "é"))


@settings(deadline=None, derandomize=True)
@given(st.text() | st.lists(pieces).map("".join))
def test_no_header_is_too_odd_to_be_read(header: str) -> None:
    assert all(0.0 <= weight <= 1.0 for weight in weights(header).values())
    assert preferred_coding(header) in ("br", "gzip", "identity")
    assert preferred(header) in ("ko", "en")
