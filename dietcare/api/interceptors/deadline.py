"""No call lasts for ever, whether or not the client set a deadline."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.errors import DeadlineExceededError

DEFAULT_S = 5.0
LONGER_S: Mapping[str, float] = {"AnalyzeFood": 30.0, "DeleteUserData": 60.0}
STREAM_STALL_S = 30.0


class DeadlineInterceptor(Around):
    """Ends a unary call at the client's deadline or ours, a stream that makes no progress."""

    def __init__(
        self, longer_s: Mapping[str, float] = LONGER_S, stall_s: float = STREAM_STALL_S
    ) -> None:
        self._longer_s = longer_s
        self._stall_s = stall_s

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        rpc = rpc_of(method_name)
        if rpc is None:  # health's Watch and reflection end with their connection
            yield
            return
        limit_s = self._longer_s.get(rpc, DEFAULT_S)
        remaining_s = context.time_remaining()
        seconds = limit_s if remaining_s is None else min(limit_s, remaining_s)
        try:
            async with asyncio.timeout(seconds) as timeout:
                yield
        except TimeoutError as error:
            if not timeout.expired():
                raise
            raise DeadlineExceededError from error

    async def _stream(
        self, answer: AsyncGenerator[Any, None], request: Any, context: Context, method_name: str
    ) -> AsyncGenerator[Any, None]:
        stall_s = None if rpc_of(method_name) is None else self._stall_s
        async with aclosing(answer):
            while True:
                try:
                    async with asyncio.timeout(stall_s) as timeout:
                        message = await anext(answer)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    if not timeout.expired():
                        raise
                    raise DeadlineExceededError from error
                yield message
