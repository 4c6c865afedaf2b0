"""What every interceptor here is: something around a call, unary or streaming alike."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from inspect import isasyncgenfunction
from typing import Any

import grpc
from grpc_interceptor.server import AsyncServerInterceptor

Context = grpc.aio.ServicerContext[Any, Any]

PREFIX = "/dietcare.v1.DietCareService/"


def rpc_of(method_name: str) -> str | None:
    """The name of an RPC of DietCare; None for those of health and reflection."""
    return method_name[len(PREFIX) :] if method_name.startswith(PREFIX) else None


class Around(AsyncServerInterceptor):
    """An interceptor that is a context manager around the rest of the call."""

    @abstractmethod
    def around(
        self, request: Any, context: Context, method_name: str
    ) -> AbstractAsyncContextManager[None]:
        """Enter before the rest of the chain, leave after it."""

    async def intercept(
        self,
        method: Callable[..., Any],
        request_or_iterator: Any,
        context: Context,
        method_name: str,
    ) -> Any:
        if isasyncgenfunction(method):
            answer = method(request_or_iterator, context)
            return self._stream(answer, request_or_iterator, context, method_name)
        async with self.around(request_or_iterator, context, method_name):
            return await method(request_or_iterator, context)

    async def _stream(
        self, answer: AsyncIterator[Any], request: Any, context: Context, method_name: str
    ) -> AsyncIterator[Any]:
        async with self.around(request, context, method_name):
            async for message in answer:
                yield message
