"""A stand-in for grpc.aio's ServicerContext, for calls inside of the process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

import grpc

from gateway.dispatch.port import Call, RpcFailure
from gateway.status import Metadata, code_of, make_status

log = logging.getLogger("gateway")


class Metadatum(NamedTuple):
    """A pair of metadata, as grpc hands it to handlers."""

    key: str
    value: str | bytes


class LocalContext(grpc.aio.ServicerContext):  # type: ignore[type-arg]
    """What a handler and its interceptors see of a call in the process."""

    def __init__(self, call: Call) -> None:
        self._metadata = call.metadata
        self._pairs: tuple[Metadatum, ...] | None = None
        self._peer = call.peer
        self._deadline = None if call.timeout_s is None else time.monotonic() + call.timeout_s
        self._initial: Metadata = ()
        self._trailing: Metadata = ()
        self._code: grpc.StatusCode | None = None
        self._details = ""
        self._aborted = False
        self._cancelled = False
        self._done = False
        self._callbacks: list[Callable[[Any], None]] = []

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Any = ()
    ) -> NoReturn:
        """End the call with a failure. Metadata given here replaces what was set before."""
        if self._done or self._aborted:
            raise grpc.aio.UsageError("Abort already called!")
        self._code = _status_code(code)
        self._details = details or self._details
        if trailing_metadata:
            self._trailing = _pairs(trailing_metadata)
        self._aborted = True
        raise grpc.aio.AbortError("Locally aborted.")

    async def abort_with_status(self, status: Any) -> NoReturn:
        """End the call with a grpc.Status."""
        await self.abort(status.code, status.details, status.trailing_metadata)

    async def send_initial_metadata(self, initial_metadata: Any) -> None:
        self._initial = _pairs(initial_metadata)

    def set_trailing_metadata(self, trailing_metadata: Any) -> None:
        self._trailing = _pairs(trailing_metadata)

    def trailing_metadata(self) -> Any:
        return self._trailing

    def invocation_metadata(self) -> Any:
        if self._pairs is None:
            self._pairs = tuple(map(Metadatum._make, self._metadata))
        return self._pairs

    def set_code(self, code: grpc.StatusCode) -> None:
        self._code = _status_code(code)

    def set_details(self, details: str) -> None:
        self._details = details

    def code(self) -> Any:
        # As grpc.aio does: the number, and 0 until a code was set.
        return self._code.value[0] if self._code else 0

    def details(self) -> str:
        return self._details

    def peer(self) -> str:
        return self._peer

    def peer_identities(self) -> Iterable[bytes] | None:
        return None

    def peer_identity_key(self) -> str | None:
        return None

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        return {}

    def time_remaining(self) -> Any:
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - time.monotonic())

    def set_compression(self, compression: grpc.Compression) -> None:
        """Nothing to compress."""

    def disable_next_message_compression(self) -> None:
        """Nothing to compress."""

    async def read(self) -> NoReturn:
        raise grpc.aio.UsageError("the request is an argument of the handler")

    async def write(self, message: Any) -> NoReturn:
        raise grpc.aio.UsageError("write the handler as an async generator")

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        self._callbacks.append(callback)

    def cancelled(self) -> bool:
        return self._cancelled

    def done(self) -> bool:
        return self._done

    @property
    def initial_metadata(self) -> Metadata:
        """What the handler sent before its first message."""
        return self._initial

    @property
    def metadata(self) -> Metadata:
        """What the handler sent: initial, then trailing."""
        return self._initial + self._trailing

    def failure(self) -> RpcFailure | None:
        """The failure that the handler asked for, by abort or set_code."""
        if self._code is None or self._code is grpc.StatusCode.OK:
            return None
        return RpcFailure(make_status(self._code, self._details, self._trailing), self.metadata)

    def finish(self, *, cancelled: bool = False) -> None:
        """The call is over."""
        self._cancelled = cancelled
        self._done = True
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            try:
                callback(self)
            except Exception:
                log.exception("a done callback raised")


def _status_code(code: grpc.StatusCode | int) -> grpc.StatusCode:
    return code_of(code) if isinstance(code, int) else code


def _pairs(metadata: Any) -> Metadata:
    return tuple((key, value) for key, value in metadata)
