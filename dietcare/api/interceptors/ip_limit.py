"""The backup limit: what one address may call, before anything is known of who calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dietcare.api import call
from dietcare.api.addresses import ClientAddresses
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.domain.quota import LimitStatus
from dietcare.errors import IPLimitExceededError
from dietcare.limits.address import AddressLimit


class IPLimitInterceptor(Around):
    """Counts every call but those of health and reflection; a `limit` of None counts nothing."""

    def __init__(self, limit: AddressLimit | None, clients: ClientAddresses) -> None:
        self._limit = limit
        self._clients = clients

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        if self._limit is not None and rpc_of(method_name) is not None:
            metadata = context.invocation_metadata() or ()
            try:
                await self._limit.take(self._clients.of_call(context.peer(), metadata))
            except IPLimitExceededError as error:
                call.current().tell(LimitStatus(error.limit, 0, error.reset_at))
                raise
        yield
