"""Reads a request's body: bounded, inflated, and JSON."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping

from gateway.asgi import Receive
from gateway.budget import Share
from gateway.disconnect import Disconnected
from gateway.failures import GatewayError, invalid

# zlib's window size that means: gzip, and nothing else.
_GZIP = 31
# Inflating more than this takes long enough to leave the loop to others.
_THREAD_BYTES = 64 * 1024


async def read_body(
    receive: Receive, headers: Mapping[str, str], limit: int, timeout_s: float, share: Share
) -> bytes:
    """The body, inflated where it is compressed.

    Raises:
        GatewayError: TOO_LARGE beyond `limit` bytes, UNSUPPORTED_MEDIA_TYPE for an unknown
            coding, INVALID_ARGUMENT for data that is not gzip, REQUEST_TIMEOUT for a body that
            takes longer than `timeout_s` seconds, OVERLOADED for more than `share` has left.
        Disconnected: the client left before it was complete.
    """
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise GatewayError(413, "TOO_LARGE")
    raw = await _received(receive, limit, timeout_s, share)
    coding = headers.get("content-encoding", "identity").strip().lower()
    if not raw or coding == "identity":
        return raw
    if coding not in ("gzip", "x-gzip"):
        raise GatewayError(415, "UNSUPPORTED_MEDIA_TYPE", headers={"accept-encoding": "gzip"})
    if len(raw) > _THREAD_BYTES:
        data = await asyncio.to_thread(_inflate, raw, limit)
    else:
        data = _inflate(raw, limit)
    share.take(len(data))
    return data


def require_json(headers: Mapping[str, str]) -> None:
    """Refuse a body that says it is something else than JSON in UTF-8.

    Raises:
        GatewayError: UNSUPPORTED_MEDIA_TYPE.
    """
    media, *parameters = headers.get("content-type", "application/json").lower().split(";")
    pairs = (parameter.strip().partition("=") for parameter in parameters)
    charsets = [value.strip('" ') for name, _, value in pairs if name == "charset"]
    if media.strip() != "application/json" or any(c not in ("utf-8", "utf8") for c in charsets):
        raise GatewayError(415, "UNSUPPORTED_MEDIA_TYPE", headers={"accept": "application/json"})


async def _received(receive: Receive, limit: int, timeout_s: float, share: Share) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    try:
        async with asyncio.timeout(timeout_s):
            while more and size <= limit:
                chunk, more = await _chunk(receive)
                share.take(len(chunk))
                chunks.append(chunk)
                size += len(chunk)
    except TimeoutError:
        raise GatewayError(408, "REQUEST_TIMEOUT") from None
    if size > limit:
        raise GatewayError(413, "TOO_LARGE")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    event = await receive()
    if event["type"] == "http.disconnect":
        raise Disconnected
    return event.get("body", b""), event.get("more_body", False)


def _inflate(raw: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(_GZIP)
    try:
        # One byte beyond the limit tells a body that is too large from one that just fits.
        data = inflater.decompress(raw, limit + 1)
    except zlib.error:
        raise invalid("", "compressed") from None
    if len(data) > limit:
        raise GatewayError(413, "TOO_LARGE")
    if not inflater.eof or inflater.unused_data:
        raise invalid("", "compressed")
    return data
