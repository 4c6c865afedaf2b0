"""google.rpc.Status: canonical HTTP statuses, and the details that an error carries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

DETAILS_KEY = "grpc-status-details-bin"

M = TypeVar("M", bound=Message)
Metadata = tuple[tuple[str, str | bytes], ...]

HTTP_STATUS: dict[grpc.StatusCode, int] = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNKNOWN: 500,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.INTERNAL: 500,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DATA_LOSS: 500,
    grpc.StatusCode.UNAUTHENTICATED: 401,
}
_BY_NUMBER: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def code_of(number: int) -> grpc.StatusCode:
    """The status code of a number; UNKNOWN for one that gRPC does not know."""
    return _BY_NUMBER.get(number, grpc.StatusCode.UNKNOWN)


def make_status(code: grpc.StatusCode, message: str, metadata: Metadata) -> status_pb2.Status:
    """The status of a failed call: its details from the metadata, else code and message alone.

    As in grpc-status, details whose code is another than the call's are not believed.
    """
    for key, value in metadata:
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                status = status_pb2.Status.FromString(value)
            except DecodeError:
                continue
            if status.code == code.value[0]:
                return status
    return status_pb2.Status(code=code.value[0], message=message)


def detail(status: status_pb2.Status, kind: type[M]) -> M | None:
    """The first detail of a type, if the status has one."""
    for packed in status.details:
        if packed.Is(kind.DESCRIPTOR):
            found = kind()
            try:
                packed.Unpack(found)
            except DecodeError:
                return None
            return found
    return None


def failure_status(
    code: grpc.StatusCode, reason: str, message: str = "", metadata: Iterable[tuple[str, str]] = ()
) -> status_pb2.Status:
    """A status with an ErrorInfo, for failures that the gateway itself finds."""
    status = status_pb2.Status(code=code.value[0], message=message)
    info = error_details_pb2.ErrorInfo(reason=reason, domain="gateway", metadata=dict(metadata))
    status.details.add().Pack(info)
    return status
