"""Which addresses are on the internet, and which hosts a list allows."""

import pytest

from dietcare.vision.addresses import AllowedHosts, is_host_name, is_public

INSIDE = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.1.2.3"),
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1"),
    *("192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8"),
    *("64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1", "2001:10::1"),
    *("2001:db8::1", "2002:7f00:1::", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1"),
    *("fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1%1"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_can_lead_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("text", ["", "2130706433", "127.1", "0x7f.1", "localhost", "①②⑦.⓪.⓪.①"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"])
def test_an_address_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["a.example", "xn--9i1b.example", "a-b.c.example"])
def test_a_full_name_is_a_host_name(host: str) -> None:
    assert is_host_name(host)


@pytest.mark.parametrize(
    "host",
    [
        *("", "localhost", "a..example", ".a.example", "a.example.", "-a.example", "a-.example"),
        *("1.2.3.4", "1.2.3", "0x7f.1", "a.0x7f", "2130706433", "a.1", "A.example", "a_b.example"),
        *(
            "한.example",
            "a.example\n",
            "a b.example",
            f"{'a' * 64}.example",
            "a." * 130 + "example",
        ),
    ],
)
def test_anything_else_is_no_host_name(host: str) -> None:
    assert not is_host_name(host)


def test_a_name_allows_itself_alone_and_a_suffix_what_is_below_it() -> None:
    allowed = AllowedHosts(["Pictures.Example", "*.cdn.example"])
    assert "pictures.example" in allowed
    assert "a.cdn.example" in allowed
    assert "a.b.cdn.example" in allowed
    for other in (
        "cdn.example",
        "evilcdn.example",
        "a.pictures.example",
        "pictures.example.evil.io",
    ):
        assert other not in allowed


@pytest.mark.parametrize(
    "pattern", ["*", "*.", "", "10.0.0.1", "*.*.example", "a.example:443", "a/b"]
)
def test_a_malformed_pattern_is_refused_at_once(pattern: str) -> None:
    with pytest.raises(ValueError, match="no host name"):
        AllowedHosts([pattern])
