"""Fetches pictures from where clients say they are, and from nowhere else."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from urllib.parse import urljoin

import httpx2

from dietcare.errors import ImageProcessingError
from dietcare.vision.addresses import AllowedHosts, is_public
from dietcare.vision.download import Download, Redirect
from dietcare.vision.resolve import Resolver, system_resolver
from dietcare.vision.url import HTTPS_PORT, OwnSamples, Target, parse_url, refused

MAX_BYTES = 10_000_000
MAX_REDIRECTS = 3
MAX_ADDRESSES = 4
TOTAL_TIMEOUT_S = 10.0
STALL_TIMEOUT_S = 3.0


class ImageFetcher:
    """Fetches over HTTPS from `allowed_hosts` (names and `*.suffix`); from none if it is empty.

    In development `own_samples_origin` (e.g. http://127.0.0.1:8080, on loopback) lets the
    service's own `/samples/` through; over TLS, it has `own_certificate`. `resolver`,
    `ssl_context`, `address_allowed` and `port` are for tests with a server of their own.

    Raises:
        ValueError: a host pattern or the origin is malformed.
    """

    def __init__(
        self,
        allowed_hosts: Sequence[str],
        *,
        own_samples_origin: str | None = None,
        own_certificate: Path | None = None,
        resolver: Resolver = system_resolver,
        ssl_context: ssl.SSLContext | None = None,
        address_allowed: Callable[[str], bool] = is_public,
        port: int = HTTPS_PORT,
        max_bytes: int = MAX_BYTES,
        total_timeout_s: float = TOTAL_TIMEOUT_S,
        stall_timeout_s: float = STALL_TIMEOUT_S,
    ) -> None:
        self._allowed = AllowedHosts(allowed_hosts)
        self._samples = OwnSamples(own_samples_origin) if own_samples_origin else None
        self._own_certificate = own_certificate
        self._resolve = resolver
        self._given_ssl_context = ssl_context
        self._address_allowed = address_allowed
        self._port = port
        self._max_bytes = max_bytes
        self._total_timeout_s = total_timeout_s
        self._stall_timeout_s = stall_timeout_s

    async def fetch(self, url: str) -> bytes:
        """The bytes at `url`, in `total_timeout_s` at most and after three redirects at most.

        Raises:
            InvalidImageURLError: the address is not acceptable, or nothing acceptable is there.
            ImageProcessingError: the host is down, slow or broken.
        """
        try:
            async with asyncio.timeout(self._total_timeout_s):
                if self._samples is not None and url in self._samples:
                    return await self._fetch_sample(url)
                return await self._fetch(url)
        except (OSError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError):
            # Too late, or a connection broken below HTTP: their texts name hosts and addresses.
            raise ImageProcessingError from None

    async def _fetch(self, url: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            target = parse_url(url)
            if target.host not in self._allowed:
                raise refused()
            outcome = await self._fetch_once(target)
            if isinstance(outcome, bytes):
                return outcome
            url = _joined(target.url, outcome.location)
        raise refused("field.image_missing")

    async def _fetch_once(self, target: Target) -> bytes | Redirect:
        """From the first address that a connection can be made to; all of them must be public."""
        addresses = await self._resolve(target.host)
        if not addresses:
            raise refused("field.image_missing")
        if not all(map(self._address_allowed, addresses)):
            raise refused()
        download = Download(self._ssl_context, self._max_bytes, self._stall_timeout_s)
        for address in addresses[:MAX_ADDRESSES]:
            try:
                return await download.get(target, address, self._port)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        raise ImageProcessingError

    async def _fetch_sample(self, url: str) -> bytes:
        download = Download(self._own_context(), self._max_bytes, self._stall_timeout_s)
        outcome = await download.get_plainly(url)
        if not isinstance(outcome, bytes):
            raise refused("field.image_missing")
        return outcome

    def _own_context(self) -> ssl.SSLContext:
        """Believes the service's own certificate alone, which need not name the loopback."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self._own_certificate is not None:
            context.load_verify_locations(self._own_certificate)
        return context

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        """Loading the authorities takes 20 ms: only where something is fetched."""
        return self._given_ssl_context or httpx2.create_ssl_context()


def _joined(url: str, location: str) -> str:
    if not location.isprintable():  # urljoin would take tabs out silently
        raise refused()
    try:
        return urljoin(url, location)
    except ValueError:  # it is no address at all
        raise refused() from None
