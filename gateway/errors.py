"""The one JSON shape of every error, whichever layer it comes from.

{"error_code": 404, "message": "…", "detail": {"reason": "…"}, "request_id": "req_…"}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any

import grpc
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2

from gateway.failures import GatewayError
from gateway.messages import CATALOGUE, Language, text
from gateway.status import HTTP_STATUS, code_of, detail

# Codes under which libraries report their own texts, which are not for clients. A status of these
# codes is believed only where an ErrorInfo shows that the service wrote it.
_LIBRARY_CODES = frozenset(
    (
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    )
)
_SERVER_FAULTS = (grpc.StatusCode.UNKNOWN, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.OK)


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error, ready to be written."""

    status: int
    message: str
    detail: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON object."""
        return {
            "error_code": self.status,
            "message": self.message,
            "detail": self.detail,
            "request_id": request_id,
        }


def from_gateway(error: GatewayError, language: Language) -> ErrorAnswer:
    """An error that the gateway found."""
    content: dict[str, Any] = {"reason": error.reason}
    if error.violations:
        content["fields"] = [
            {"field": each.field, "message": text(each.key, language, each.params)}
            for each in error.violations
        ]
    return ErrorAnswer(error.http_status, text(error.reason, language), content, error.headers)


def internal(language: Language) -> ErrorAnswer:
    """What a client is told of a crash: nothing."""
    return from_gateway(GatewayError(500, "INTERNAL"), language)


def from_status(
    status: status_pb2.Status, language: Language, *, realm: str, authorized: bool
) -> ErrorAnswer:
    """An error of the service. `authorized`: the request carried a bearer token: of other
    schemes RFC 6750 (3.1) tells no error.
    """
    code = code_of(status.code)
    info = detail(status, details.ErrorInfo)
    reason = (info.reason if info else "") or _reason(code)
    content: dict[str, Any] = {"reason": reason}
    headers: dict[str, str] = {}
    metadata = dict(info.metadata) if info else {}
    http_status = _http_status(metadata.pop("http_status", ""), code)
    for name in sorted(metadata.keys() - content.keys()):
        content[name] = metadata[name]
    _add_quota(status, content)
    _add_retry(status, content, headers)
    _add_fields(status, content)
    if http_status == 401:
        problem = ', error="invalid_token"' if authorized else ""
        headers["www-authenticate"] = f'Bearer realm="{realm}"{problem}'
    believed = status.message and (info is not None or code not in _LIBRARY_CODES)
    known = reason if reason in CATALOGUE else _reason(code)
    message = status.message if believed else text(known, language)
    return ErrorAnswer(http_status, message, content, headers)


def _reason(code: grpc.StatusCode) -> str:
    return "INTERNAL" if code in _SERVER_FAULTS else code.name


def _http_status(stated: str, code: grpc.StatusCode) -> int:
    if stated.isascii() and stated.isdigit() and 400 <= int(stated) <= 599:
        return int(stated)
    # A failure whose code says OK is a fault of the server.
    return 500 if code is grpc.StatusCode.OK else HTTP_STATUS[code]


def _add_quota(status: status_pb2.Status, content: dict[str, Any]) -> None:
    quota = detail(status, details.QuotaFailure)
    if quota is None or not quota.violations:
        return
    # The limit comes first, as clients know it.
    rest = {name: content.pop(name) for name in list(content) if name != "reason"}
    content["limit"] = quota.violations[0].quota_value
    content.update((name, value) for name, value in rest.items() if name != "limit")


def _add_retry(status: status_pb2.Status, content: dict[str, Any], headers: dict[str, str]) -> None:
    retry = detail(status, details.RetryInfo)
    if retry is None:
        return
    delay_s = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
    headers["retry-after"] = str(max(1, ceil(delay_s)))
    if "limit" in content:
        content["remaining_time_seconds"] = max(0, ceil(delay_s))


def _add_fields(status: status_pb2.Status, content: dict[str, Any]) -> None:
    bad = detail(status, details.BadRequest)
    if bad is not None and bad.field_violations:
        content["fields"] = [
            {"field": each.field, "message": each.description} for each in bad.field_violations
        ]
