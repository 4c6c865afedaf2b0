"""Origins of web pages, as browsers write them in the header `Origin`."""

from __future__ import annotations

import re
from ipaddress import IPv6Address

ANY = "*"
_ORIGIN = re.compile(
    r"(?P<scheme>https?)://(?:(?P<name>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)|\[(?P<ipv6>[0-9a-f:]+)\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def is_origin(text: str) -> bool:
    """Whether a browser could write it: lower-case, without a path, or the port of its scheme.

    Anything else, `null` too, would be allowed and never match, or match more than was meant.
    """
    match = _ORIGIN.fullmatch(text)
    if match is None or ".." in text:
        return False
    port = match["port"]
    if port is not None and (port == _DEFAULT_PORTS[match["scheme"]] or int(port) > 65_535):
        return False
    return match["ipv6"] is None or _is_shortest(match["ipv6"])


def _is_shortest(address: str) -> bool:
    try:
        return str(IPv6Address(address)) == address
    except ValueError:
        return False
