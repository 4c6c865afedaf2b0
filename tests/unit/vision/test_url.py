"""Addresses are read strictly."""

import pytest

from dietcare.errors import InvalidImageURLError
from dietcare.vision.url import OwnSamples, Target, parse_url


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example", Target("a.example", "/")),
        ("https://a.example/x.jpg", Target("a.example", "/x.jpg")),
        ("HTTPS://A.Example/X.jpg", Target("a.example", "/X.jpg")),
        ("https://a.example:443/x", Target("a.example", "/x")),
        ("https://a.example?x=1&y=%2F#part", Target("a.example", "/?x=1&y=%2F")),
    ],
)
def test_an_ordinary_address_is_read(url: str, target: Target) -> None:
    assert parse_url(url) == target


def test_an_address_too_long_is_refused() -> None:
    with pytest.raises(InvalidImageURLError) as error:
        parse_url("https://a.example/" + "x" * 8_192)
    (violation,) = error.value.violations
    assert (violation.field, violation.text.key) == ("image_url", "field.image_url")


def test_own_samples_are_single_files_below_the_origin() -> None:
    own = OwnSamples("http://127.0.0.1:8080")
    assert "http://127.0.0.1:8080/samples/kimchi_stew.jpg" in own
    for other in (
        "http://127.0.0.1:8080/samples/../secret.jpg",
        "http://127.0.0.1:8080/samples/%2e%2e/secret.jpg",
        "http://127.0.0.1:8080/samples/x.jpg?x=1",
        "http://127.0.0.1:8080/samples/",
        "http://127.0.0.1:8080/api/diet/meals",
        "http://127.0.0.1:8081/samples/x.jpg",
        "http://127.0.0.1:8080@evil.example/samples/x.jpg",
        "/samples/x.jpg",
    ):
        assert other not in own


def test_own_samples_are_where_the_service_speaks_tls() -> None:
    own = OwnSamples("https://127.0.0.1:8080")
    assert "https://127.0.0.1:8080/samples/x.jpg" in own
    assert "http://127.0.0.1:8080/samples/x.jpg" not in own


@pytest.mark.parametrize(
    "origin",
    ["ftp://127.0.0.1", "http://10.0.0.1:80", "https://10.0.0.1", "https://a.example", ""],
)
def test_own_samples_are_on_this_machine(origin: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        OwnSamples(origin)
