"""From a host name to its addresses, asked once per connection."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

from dietcare.errors import ImageProcessingError

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""Gives a host's addresses in the order of preference; none where there is no such host."""


async def system_resolver(host: str) -> Sequence[str]:
    """Ask the system.

    Raises:
        ImageProcessingError: it could not find out.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}:
            return ()
        raise ImageProcessingError from None
    except OSError:
        raise ImageProcessingError from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
