"""What every interceptor here is: something around a call, unary or streaming alike."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
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
        async with self.around(request_or_iterator, context, method_name):
            return await method(request_or_iterator, context)

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any
    ) -> Any:
        """As the base class, but a stream that is left half-way is closed at once, from the inside
        out, and not whenever the interpreter comes to it.
        """
        handler = await continuation(handler_call_details)
        if handler is None or not handler.response_streaming:

            async def found(_details: Any) -> Any:
                return handler

            unary: Any = super().intercept_service  # it has no types
            return await unary(found, handler_call_details)
        inner, name = handler.unary_stream or handler.stream_stream, handler_call_details.method

        async def stream(request: Any, context: Context) -> AsyncIterator[Any]:
            answer = self._stream(inner(request, context), request, context, name)
            async with aclosing(answer):
                async for message in answer:
                    yield message

        both = handler.request_streaming
        made = (
            grpc.stream_stream_rpc_method_handler if both else grpc.unary_stream_rpc_method_handler
        )
        return made(stream, handler.request_deserializer, handler.response_serializer)

    async def _stream(
        self, answer: AsyncGenerator[Any, None], request: Any, context: Context, method_name: str
    ) -> AsyncGenerator[Any, None]:
        async with self.around(request, context, method_name), aclosing(answer):
            async for message in answer:
                yield message
