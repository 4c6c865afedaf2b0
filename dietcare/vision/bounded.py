"""Bounds how much a vision endpoint may answer: the SDK reads whatever comes into memory."""

from collections.abc import AsyncIterator

import httpx2

MAX_REPLY_BYTES = 1_000_000  # fifty foods take about 20,000


class ReplyTooLargeError(Exception):
    """More came than any answer has."""


class _Bounded(httpx2.AsyncByteStream):
    """Another stream, up to the most that is read of it."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > MAX_REPLY_BYTES:
                raise ReplyTooLargeError
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


async def bound_reply(response: httpx2.Response) -> None:
    """Bound the body of `response`: for httpx2's hooks, which see it before the body is read."""
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)
