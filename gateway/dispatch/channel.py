"""Calls a service over a grpc.aio channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.message import Message

from gateway.dispatch.port import Call, Dispatcher, Reply, ReplyStream, RpcFailure, is_cancelled
from gateway.status import Metadata, failure_status, make_status

FORWARDED_FOR = "x-forwarded-for"


class ChannelDispatcher(Dispatcher):
    """The port over a channel, which stays its owner's to close."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._stubs: dict[str, Callable[..., Any]] = {}

    async def unary(self, call: Call) -> Reply:
        rpc = self._start(call)
        try:
            message = await rpc
            metadata = _pairs(await rpc.initial_metadata()) + _pairs(await rpc.trailing_metadata())
        except (grpc.aio.AioRpcError, asyncio.CancelledError) as error:
            raise _failure(error) from None
        return Reply(message, metadata)

    def stream(self, call: Call) -> ReplyStream:
        return _ChannelStream(lambda: self._start(call))

    def _start(self, call: Call) -> Any:
        stub = self._stubs.get(call.method.path) or self._stub(call)
        return stub(call.request, timeout=call.timeout_s, metadata=_forwarded(call))

    def _stub(self, call: Call) -> Callable[..., Any]:
        method = call.method
        kind = self._channel.unary_stream if method.server_streaming else self._channel.unary_unary
        stub: Callable[..., Any] = kind(
            method.path,
            request_serializer=method.request_class.SerializeToString,
            response_deserializer=method.response_class.FromString,
        )
        return self._stubs.setdefault(method.path, stub)


class _ChannelStream(ReplyStream):
    """A stream over a channel."""

    def __init__(self, start: Callable[[], Any]) -> None:
        self._start = start
        self._rpc: Any = None
        self._messages: Any = None
        self._initial: Metadata = ()

    async def __anext__(self) -> Message:
        try:
            if self._rpc is None:
                self._rpc = self._start()
                self._initial = _pairs(await self._rpc.initial_metadata())
                self._messages = self._rpc.__aiter__()
            message: Message = await anext(self._messages)
        except (grpc.aio.AioRpcError, asyncio.CancelledError) as error:
            raise _failure(error) from None
        return message

    @property
    def metadata(self) -> Metadata:
        return self._initial

    async def aclose(self) -> None:
        if self._rpc is not None:
            self._rpc.cancel()


def _forwarded(call: Call) -> Metadata:
    """The metadata, with the caller appended to x-forwarded-for: upstream, the peer is us."""
    address = _address(call.peer)
    if not address:
        return call.metadata
    given = [str(value) for key, value in call.metadata if key == FORWARDED_FOR]
    rest = tuple(pair for pair in call.metadata if pair[0] != FORWARDED_FOR)
    return (*rest, (FORWARDED_FOR, ", ".join([*given, address])))


def _address(peer: str) -> str:
    kind, _, rest = peer.partition(":")
    return rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else ""


def _failure(error: grpc.aio.AioRpcError | asyncio.CancelledError) -> BaseException:
    if isinstance(error, asyncio.CancelledError):
        # A channel that is closed cancels its calls, which is not the caller's doing.
        status = failure_status(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")
        return error if is_cancelled() else RpcFailure(status)
    metadata = _pairs(error.initial_metadata()) + _pairs(error.trailing_metadata())
    code, message = error.code(), error.details() or ""
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED and (own := _limit_of_grpc(message)):
        return own
    return RpcFailure(make_status(code, message, metadata), metadata)


def _limit_of_grpc(message: str) -> RpcFailure | None:
    """The failure where one of grpc's own limits was met: it has the code of a quota but is none.

    They are found by their texts, as they say nothing else.
    """
    if "larger than max" in message:
        reason, http_status = "TOO_LARGE", "413"
    elif message.startswith("received metadata size exceeds"):  # said by the service
        reason, http_status = "HEADERS_TOO_LARGE", "431"
    elif "received metadata size exceeds" in message:  # what the service sent
        return RpcFailure(failure_status(grpc.StatusCode.INTERNAL, "INTERNAL"))
    else:
        return None
    code, status = grpc.StatusCode.RESOURCE_EXHAUSTED, [("http_status", http_status)]
    return RpcFailure(failure_status(code, reason, metadata=status))


def _pairs(metadata: Any) -> Metadata:
    return tuple((key, value) for key, value in metadata or ())
