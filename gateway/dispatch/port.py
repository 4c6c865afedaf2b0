"""The port: one call in, one reply or a stream of messages out."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import NamedTuple

import grpc
from google.protobuf.message import Message
from google.rpc import status_pb2

from gateway.api import Method
from gateway.status import Metadata, code_of


class Call(NamedTuple):
    """One call. Metadata keys are lower-case; `peer` is as in grpc, e.g. `ipv4:1.2.3.4:5678`."""

    method: Method
    request: Message
    metadata: Metadata = ()
    peer: str = "unknown"
    # Seconds from now; None: no deadline. 0 or less has passed already.
    timeout_s: float | None = None


class Reply(NamedTuple):
    """A success. `metadata` is what the service sent first, then what it sent last."""

    message: Message
    metadata: Metadata = ()


class RpcFailure(Exception):  # noqa: N818 - a failure is an answer here
    """A call that failed, with everything that the service said about it."""

    def __init__(self, status: status_pb2.Status, metadata: Metadata = ()) -> None:
        super().__init__(code_of(status.code).name)
        self.status = status
        self.metadata = metadata

    @property
    def code(self) -> grpc.StatusCode:
        """The gRPC status code."""
        return code_of(self.status.code)


def is_cancelled() -> bool:
    """Whether somebody cancelled the running task, rather than something that it awaits."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class ReplyStream(ABC):
    """The messages of a server stream, until StopAsyncIteration or RpcFailure."""

    def __aiter__(self) -> ReplyStream:
        return self

    @abstractmethod
    async def __anext__(self) -> Message:
        """The next message.

        Raises:
            RpcFailure: the call failed.
        """

    @property
    @abstractmethod
    def metadata(self) -> Metadata:
        """What the service sent first; complete once the first message is there."""

    @abstractmethod
    async def aclose(self) -> None:
        """Cancel what still runs. Safe to call at any time, also twice."""


class Dispatcher(ABC):
    """Calls methods of a service. Cancelling the caller's task cancels the call."""

    @abstractmethod
    async def unary(self, call: Call) -> Reply:
        """Call a method with one answer.

        Raises:
            RpcFailure: the call failed.
        """

    @abstractmethod
    def stream(self, call: Call) -> ReplyStream:
        """Call a method with a stream of answers; nothing runs before the first is awaited."""
