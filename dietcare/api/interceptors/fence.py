"""Calls that write stand before the fence of erasures, from before they have done anything."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from dietcare.api import call
from dietcare.api.interceptors.access import ACCESS
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.auth.caller import Access
from dietcare.erasure.fence import Fence


class FenceInterceptor(Around):
    """Notes of every call that writes which erasure of its user it comes after."""

    def __init__(self, fence: Fence, access: Mapping[str, Access | None] = ACCESS) -> None:
        self._fence = fence
        self._access = access

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        owner = call.current().owner
        if owner is not None and self._access.get(rpc_of(method_name) or "") is Access.WRITE:
            await self._fence.enter(owner)
        yield
