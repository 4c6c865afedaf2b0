"""Calls a servicer's handlers in this process, through the same interceptors as gRPC."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from gateway.dispatch.context import LocalContext
from gateway.dispatch.port import Call, Dispatcher, Reply, ReplyStream, RpcFailure, is_cancelled
from gateway.status import Metadata, failure_status

log = logging.getLogger("gateway")

T = TypeVar("T")

# Something that registers servicers: `lambda server: add_XServicer_to_server(servicer, server)`.
Register = Callable[[Any], None]


class LocalDispatcher(Dispatcher):
    """The port over handlers in the process.

    The handler owns the request and the gateway owns the answer: nothing is copied. Handlers are
    coroutine functions, or async generator functions where they stream.
    """

    def __init__(self, handlers: Mapping[str, Any]) -> None:
        self._handlers = handlers

    @classmethod
    async def build(cls, register: Register, interceptors: Sequence[Any] = ()) -> LocalDispatcher:
        """Collect the handlers, and fold grpc.aio's server interceptors over each.

        As in a server, the first interceptor is the outermost.
        """
        collector = HandlerCollector()
        register(collector)
        folded = {}
        for path, handler in collector.handlers.items():
            folded[path] = await _fold(path, handler, interceptors)
        return cls(folded)

    async def unary(self, call: Call) -> Reply:
        handler = self._find(call)
        step = _Step(call)
        message = await step.run(_invoke(handler.unary_unary, call.request, step.context))
        step.finish()
        return Reply(message, step.context.metadata)

    def stream(self, call: Call) -> ReplyStream:
        return _LocalStream(call, self._find(call))

    def _find(self, call: Call) -> Any:
        handler = self._handlers.get(call.method.path)
        if handler is None:
            raise RpcFailure(failure_status(grpc.StatusCode.UNIMPLEMENTED, "UNIMPLEMENTED"))
        return handler


class HandlerCollector:
    """Takes the handlers that generated `add_…_to_server` functions register with a server."""

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    def add_generic_rpc_handlers(self, generic_handlers: Sequence[Any]) -> None:
        """Generated code passes the same handlers by name as well."""

    def add_registered_method_handlers(
        self, service_name: str, method_handlers: Mapping[str, Any]
    ) -> None:
        """Keep each handler under its path on the wire."""
        for name, handler in method_handlers.items():
            self.handlers[f"/{service_name}/{name}"] = handler


@dataclass(frozen=True, slots=True)
class _CallDetails:
    """What interceptors see when a handler is looked up, before there is any call."""

    method: str
    invocation_metadata: Metadata = ()


async def _fold(path: str, handler: Any, interceptors: Sequence[Any]) -> Any:
    async def innermost(_: Any) -> Any:
        return handler

    continuation: Callable[[Any], Awaitable[Any]] = innermost
    for interceptor in reversed(interceptors):
        continuation = _link(interceptor, continuation)
    return await continuation(_CallDetails(path))


def _link(interceptor: Any, continuation: Callable[[Any], Awaitable[Any]]) -> Any:
    async def intercept(details: Any) -> Any:
        return await interceptor.intercept_service(continuation, details)

    return intercept


class _Step:
    """Awaits one step of a call under its deadline; every failure becomes an RpcFailure."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.context = LocalContext(call)
        loop = asyncio.get_running_loop()
        self._deadline = None if call.timeout_s is None else loop.time() + call.timeout_s

    async def run(self, step: Awaitable[T]) -> T:
        """Await `step`; StopAsyncIteration passes through."""
        limit = None
        try:
            if self._deadline is None:
                return await step
            limit = asyncio.timeout_at(self._deadline)
            async with limit:
                return await step
        except asyncio.CancelledError as error:
            if is_cancelled():
                self.context.finish(cancelled=True)
                raise
            # It escaped from something that the handler awaited: nobody cancelled this call.
            raise self._failure(error, expired=False) from None
        except StopAsyncIteration:
            raise
        except Exception as error:
            raise self._failure(error, expired=limit is not None and limit.expired()) from None

    def finish(self) -> None:
        """The handler returned: raise the failure that it set, if it did.

        Raises:
            RpcFailure: a code other than OK was set.
        """
        self.context.finish()
        if failure := self.context.failure():
            raise failure

    def _failure(self, error: BaseException, *, expired: bool) -> RpcFailure:
        context = self.context
        context.finish()
        if failure := context.failure():
            # Aborted; or, as grpc.aio has it, the code that was set before something was raised.
            return failure
        if expired:
            code, reason = grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"
        else:
            code, reason = grpc.StatusCode.INTERNAL, "INTERNAL"
            log.error("%s raised", self._call.method.path, exc_info=error)
        return RpcFailure(failure_status(code, reason), context.metadata)


class _LocalStream(ReplyStream):
    """A stream of an async generator in the process."""

    def __init__(self, call: Call, handler: Any) -> None:
        self._call = call
        self._handler = handler
        self._step: _Step | None = None
        self._messages: Any = None

    async def __anext__(self) -> Message:
        if self._step is None:
            self._step = _Step(self._call)
        try:
            message: Message = await self._step.run(self._next(self._step.context))
        except StopAsyncIteration:
            self._step.finish()
            raise
        return message

    async def _next(self, context: LocalContext) -> Any:
        if self._messages is None:
            self._messages = self._handler.unary_stream(self._call.request, context)
        else:
            # A handler that never waits would keep others from the loop, and from itself its
            # deadline and the news that the client left.
            await asyncio.sleep(0)
        return await anext(self._messages)

    @property
    def metadata(self) -> Metadata:
        return self._step.context.initial_metadata if self._step else ()

    async def aclose(self) -> None:
        if self._step is None:
            return
        if not self._step.context.done():
            self._step.context.finish(cancelled=True)
        if self._messages is None:
            return
        try:
            await self._messages.aclose()
        except Exception:
            # Nobody waits for it any more, as over gRPC.
            log.exception("%s raised as it was closed", self._call.method.path)


async def _invoke(handler: Any, request: Message, context: LocalContext) -> Any:
    # A method that a servicer does not implement is a plain function in generated code.
    result = handler(request, context)
    return await result if hasattr(result, "__await__") else result
