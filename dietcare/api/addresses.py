"""The address that a call comes from, as far as it can be believed."""

import ipaddress
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED_FOR = "x-forwarded-for"
UNKNOWN = "unknown"
"""Who calls over something that has no addresses."""

# A provider gives one customer a /64 at least: who counts less counts one person many times.
IPV6_PREFIX = 64


class ClientAddresses:
    """Believes `x-forwarded-for` as far as proxies in `trusted` have written it."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)

    def of(self, peer: str, forwarded: Iterable[str]) -> str:
        """What the client of a call is counted as: an IPv4 address, or an IPv6 network.

        `peer` is as grpc writes it; `forwarded` is every value of x-forwarded-for in order. The
        client is the peer, or behind a trusted one the right-most address that is not trusted. What
        is no address ends the search at the proxy that wrote it; where all are trusted, the first
        one is the client.
        """
        client = _address(_peer_host(peer))
        if client is None:
            return UNKNOWN
        hops = [hop for value in forwarded for hop in value.split(",")]
        while hops and self._is_trusted(client):
            behind = _address(_host(hops.pop().strip()))
            if behind is None:
                break
            client = behind
        return _counted(client)

    def of_call(self, peer: str, metadata: Iterable[tuple[str, str | bytes]]) -> str:
        """The same, of a call with this metadata.

        Every value counts: one that a client wrote may stand in a line of its own.
        """
        return self.of(peer, [str(value) for key, value in metadata if key == FORWARDED_FOR])

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _peer_host(peer: str) -> str:
    """`ipv4:1.2.3.4:5`, `ipv6:[::1]:5`, `ipv6:%5B::1%5D:5`; others have no address."""
    kind, _, rest = peer.partition(":")
    return _host(unquote(rest)) if kind in ("ipv4", "ipv6") else ""


def _host(text: str) -> str:
    """Without the port, which some proxies write, and without an interface's name."""
    if text.startswith("["):
        host = text[1:].partition("]")[0]
    else:
        host = text.partition(":")[0] if text.count(":") == 1 else text
    return host.partition("%")[0]


def _address(host: str) -> Address | None:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    # A socket for both families writes IPv4 as ::ffff:1.2.3.4: each client has one name only.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _counted(address: Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False))
