"""Calls that write, and exports, stand before the fence of erasures from the beginning."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

from dietcare.api import call
from dietcare.api.interceptors.access import ACCESS
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.auth.caller import Access
from dietcare.erasure.fence import Fence


class FenceInterceptor(Around):
    """Notes of every call that writes which erasure of its user it comes after. An export, which
    may take minutes, tells no more of a user who is erased meanwhile.
    """

    def __init__(self, fence: Fence, access: Mapping[str, Access | None] = ACCESS) -> None:
        self._fence = fence
        self._access = access

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        owner = call.current().owner
        writes = self._access.get(rpc_of(method_name) or "") is Access.WRITE
        if owner is not None and writes:
            await self._fence.enter(owner)
        yield

    async def _stream(
        self, answer: AsyncGenerator[Any, None], request: Any, context: Context, method_name: str
    ) -> AsyncGenerator[Any, None]:
        owner = call.current().owner
        if owner is not None:
            await self._fence.enter(owner)
        async with aclosing(super()._stream(answer, request, context, method_name)) as messages:
            async for message in messages:
                if owner is not None:
                    await self._fence.still(owner)
                yield message
        # Also what was not there any more would make a part look like the whole.
        if owner is not None:
            await self._fence.still(owner)
