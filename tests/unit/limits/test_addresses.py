"""Whose call it is: what a client writes itself must never decide it."""

from ipaddress import ip_network

import pytest

from dietcare.api.addresses import UNKNOWN, ClientAddresses

PROXY, INNER_PROXY = "ipv4:10.0.0.9:41000", "10.0.0.7"
CLIENT = "203.0.113.7"


def clients(*trusted):
    return ClientAddresses([ip_network(each) for each in trusted])


BEHIND = clients("10.0.0.0/8", "2001:db8:ffff::/48", "::1/128")


@pytest.mark.parametrize(
    ("peer", "client"),
    [
        ("ipv4:203.0.113.7:5678", CLIENT),
        ("ipv4:203.0.113.7", CLIENT),
        ("ipv6:[2001:db8:1:2:3:4:5:6]:5678", "2001:db8:1:2::/64"),
        ("ipv6:%5B2001:db8:1:2:3:4:5:6%5D:5678", "2001:db8:1:2::/64"),
        ("ipv6:2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("ipv6:[fe80::1%25eth0]:5678", "fe80::/64"),
        ("ipv6:[::1]:5678", "::/64"),
        ("ipv6:[::ffff:203.0.113.7]:5678", CLIENT),
        ("unix:/run/dietcare.sock", UNKNOWN),
        ("unix:", UNKNOWN),
        ("unknown", UNKNOWN),
        ("", UNKNOWN),
        ("ipv4:", UNKNOWN),
        ("ipv4:1.2.3:5", UNKNOWN),
        ("ipv6:[", UNKNOWN),
    ],
)
def test_without_a_proxy_the_client_is_the_peer(peer, client):
    assert clients().of(peer, []) == client


def test_two_addresses_of_one_ipv6_network_are_one_client():
    first, second = (clients().of(f"ipv6:[2001:db8:1:2::{n}]:1", []) for n in "af")
    assert first == second
    assert clients().of("ipv6:[2001:db8:1:3::a]:1", []) != first


def test_who_is_no_proxy_is_not_believed():
    assert clients().of("ipv4:203.0.113.7:1", ["198.51.100.1"]) == CLIENT
    assert BEHIND.of("ipv4:203.0.113.7:1", ["198.51.100.1"]) == CLIENT


def test_behind_a_proxy_the_client_is_whom_the_proxy_names():
    assert BEHIND.of(PROXY, [CLIENT]) == CLIENT


def test_what_a_client_wrote_before_is_not_believed():
    assert BEHIND.of(PROXY, [f"198.51.100.1, 10.0.0.1, {CLIENT}"]) == CLIENT


def test_what_a_client_wrote_in_a_line_of_its_own_is_not_believed():
    assert BEHIND.of(PROXY, ["198.51.100.1", CLIENT]) == CLIENT


def test_several_proxies_are_passed_from_the_right():
    assert BEHIND.of(PROXY, [f"198.51.100.1, {CLIENT}, {INNER_PROXY}", "10.9.9.9"]) == CLIENT


def test_proxies_may_speak_ipv6_and_write_ports():
    forwarded = ["198.51.100.1, [2001:db8:1:2::7]:443, 10.0.0.7:80", "2001:db8:ffff::2"]
    assert BEHIND.of("ipv6:[::1]:5", forwarded) == "2001:db8:1:2::/64"


def test_a_proxy_that_is_written_as_mapped_ipv4_is_known():
    assert BEHIND.of("ipv6:[::ffff:10.0.0.9]:5", [f"::ffff:{CLIENT}"]) == CLIENT


def test_where_all_are_trusted_the_first_is_the_client():
    assert BEHIND.of(PROXY, ["10.0.0.1, 10.0.0.2"]) == "10.0.0.1"


@pytest.mark.parametrize("forwarded", [[], [""], [" "], ["unknown"], ["_hidden"], ["1.2.3"]])
def test_a_proxy_that_names_nobody_is_the_client(forwarded):
    assert BEHIND.of(PROXY, forwarded) == "10.0.0.9"


@pytest.mark.parametrize(
    "garbage",
    ["999.1.1.1", "2130706433", "0x7f.1", "١.٢.٣.٤", "a" * 9_000, "[", "::g", "1.2.3.4/8"],
)
def test_what_is_no_address_ends_the_search_where_it_stands(garbage):
    assert BEHIND.of(PROXY, [f"198.51.100.1, {garbage}, {INNER_PROXY}"]) == INNER_PROXY


def test_a_long_list_is_only_read_as_far_as_it_is_believed():
    assert BEHIND.of(PROXY, [",".join(["198.51.100.1"] * 1_000 + [CLIENT])]) == CLIENT
