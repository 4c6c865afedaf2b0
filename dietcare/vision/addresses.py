"""Which network addresses are on the public internet, and which hosts may be asked.

An own table: `ipaddress.is_global` says yes to NAT64, 6to4, IPv4-compatible and multicast
addresses, all of which can lead inside.
"""

import ipaddress
import re
from collections.abc import Sequence

# IANA's special-purpose registry for IPv4, and one public address that is Azure's own host agent.
REFUSED_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",
    )
)
# Only 2000::/3 is assigned to the internet at all; ::/8, with everything that wraps an IPv4
# address, 64:ff9b::/96 (NAT64), fc00::/7, fe80::/10 and ff00::/8 lie outside.
INTERNET_V6 = ipaddress.IPv6Network("2000::/3")
# Within it: protocol assignments with Teredo, documentation, 6to4, AS112, documentation.
REFUSED_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# At least two labels, the last beginning with a letter: no address literal of any notation.
_HOST = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")


def is_public(address: str) -> bool:
    """Whether `address` (an IPv4 or IPv6 literal) is a host on the public internet."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in REFUSED_V4)
    if parsed.scope_id is not None or parsed not in INTERNET_V6:
        return False
    return not any(parsed in network for network in REFUSED_V6)


def is_host_name(host: str) -> bool:
    """Whether `host` is a full domain name in lower-case ASCII (punycode included)."""
    return _HOST.fullmatch(host) is not None


class AllowedHosts:
    """The hosts that pictures may come from: names, and `*.suffix` for all names below one.

    Raises:
        ValueError: a pattern is neither, e.g. an address, `*`, or a name with a port.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        lowered = [pattern.strip().lower() for pattern in patterns]
        for pattern in lowered:
            if not is_host_name(pattern.removeprefix("*.")):
                raise ValueError(f"{pattern!r} is no host name and no *.suffix")
        self._names = frozenset(p for p in lowered if not p.startswith("*."))
        self._suffixes = tuple(p[1:] for p in lowered if p.startswith("*."))

    def __contains__(self, host: str) -> bool:
        return is_host_name(host) and (host in self._names or host.endswith(self._suffixes))
