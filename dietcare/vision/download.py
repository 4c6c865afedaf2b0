"""One HTTP request for a picture."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from dietcare.errors import ImageProcessingError, InvalidImageURLError
from dietcare.vision.url import Target

REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Of the 4xx, these are the host's trouble, not the address's.
HOSTS_FAULT = frozenset({408, 425, 429})
HEADERS = {
    "accept": "image/jpeg, image/png, image/webp, image/heic",
    "accept-encoding": "identity",  # nothing to decompress: no bomb
    "user-agent": "dietcare",
}


@dataclass(frozen=True, slots=True)
class Redirect:
    """The host says that it is elsewhere."""

    location: str


class Download:
    """Gets at most `max_bytes`; gives up when nothing comes for `stall_timeout_s`."""

    def __init__(self, context: ssl.SSLContext, max_bytes: int, stall_timeout_s: float) -> None:
        self._context = context
        self._max_bytes = max_bytes
        self._stall_timeout_s = stall_timeout_s

    async def get(self, target: Target, address: str, port: int) -> bytes | Redirect:
        """Ask the host at `address`, which has been checked: its name is only for TLS and Host.

        Raises:
            InvalidImageURLError: nothing acceptable is there.
            ImageProcessingError: the host failed.
            httpx2.HTTPError: the connection did.
        """
        literal = f"[{address}]" if ":" in address else address
        extensions = {
            "sni_hostname": target.host,
            "target": target.path_and_query.encode("ascii"),  # signed addresses stay as signed
        }
        return await self._request(f"https://{literal}:{port}/", {"host": target.host}, extensions)

    async def get_plainly(self, url: str) -> bytes | Redirect:
        """Ask for `url` as it is: for the service's own addresses. Raises as `get` does."""
        return await self._request(url, {}, {})

    async def _request(
        self, url: str, headers: Mapping[str, str], extensions: Mapping[str, Any]
    ) -> bytes | Redirect:
        # A client per request: a connection made for one name is never used for another, and no
        # cookie is kept. Proxies of the environment would resolve the name anew: none.
        async with httpx2.AsyncClient(
            verify=self._context, trust_env=False, timeout=httpx2.Timeout(self._stall_timeout_s)
        ) as client:
            request = client.build_request(
                "GET", url, headers={**HEADERS, **headers}, extensions=dict(extensions)
            )
            response = await client.send(request, stream=True)
            try:
                return await self._read(response)
            finally:
                await response.aclose()

    async def _read(self, response: httpx2.Response) -> bytes | Redirect:
        status = response.status_code
        if status in REDIRECTS and "location" in response.headers:
            return Redirect(response.headers["location"])
        if status >= 500 or status in HOSTS_FAULT:
            raise ImageProcessingError
        if status != 200:
            raise InvalidImageURLError.of("image_url", "field.image_missing")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_bytes:
                megabytes = f"{self._max_bytes / 1e6:g}"
                raise InvalidImageURLError.of("image_url", "field.image_size", megabytes=megabytes)
        return bytes(body)
