"""The one table of what an error becomes: a gRPC code, and over HTTP another status only where
the canonical one of that code does not fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from dietcare import errors
from dietcare.api.converters.times import instant_text
from dietcare.errors import (
    DietCareError,
    IdentityUnavailableError,
    OverloadedError,
    RateLimitExceededError,
    ValidationError,
)
from dietcare.messages import Language

DOMAIN = "dietcare"
DETAILS_KEY = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A gRPC code; `http_status` only where it is not the canonical one of the code."""

    code: grpc.StatusCode
    http_status: int | None = None


INTERNAL = Outcome(grpc.StatusCode.INTERNAL)

TABLE: dict[type[DietCareError], Outcome] = {
    errors.ValidationError: Outcome(grpc.StatusCode.INVALID_ARGUMENT),
    errors.AuthenticationError: Outcome(grpc.StatusCode.UNAUTHENTICATED),
    errors.PermissionDeniedError: Outcome(grpc.StatusCode.PERMISSION_DENIED),
    errors.ResourceNotFoundError: Outcome(grpc.StatusCode.NOT_FOUND),
    errors.StaleVersionError: Outcome(grpc.StatusCode.FAILED_PRECONDITION, 412),
    errors.ConflictError: Outcome(grpc.StatusCode.ABORTED),
    errors.RateLimitExceededError: Outcome(grpc.StatusCode.RESOURCE_EXHAUSTED),
    errors.ExternalServiceError: Outcome(grpc.StatusCode.UNAVAILABLE, 502),
    errors.DatabaseConnectionError: Outcome(grpc.StatusCode.UNAVAILABLE),
    errors.DatabaseError: INTERNAL,
    errors.DeadlineExceededError: Outcome(grpc.StatusCode.DEADLINE_EXCEEDED),
    errors.IdentityUnavailableError: Outcome(grpc.StatusCode.UNAVAILABLE),
    errors.OverloadedError: Outcome(grpc.StatusCode.UNAVAILABLE),
    errors.UnimplementedError: Outcome(grpc.StatusCode.UNIMPLEMENTED),
    errors.DietCareError: INTERNAL,
}


def outcome_of(error: DietCareError) -> Outcome:
    """What an error becomes: the entry of its nearest class in the table."""
    return next(TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)


def status_of(error: DietCareError, language: Language, request_id: str) -> status_pb2.Status:
    """The error as a google.rpc.Status with its details, written in `language`."""
    outcome = outcome_of(error)
    code: int = outcome.code.value[0]
    return status_pb2.Status(
        code=code,
        message=error.message.render(language),
        details=[_packed(detail) for detail in _details(error, outcome, language, request_id)],
    )


def _details(
    error: DietCareError, outcome: Outcome, language: Language, request_id: str
) -> Sequence[Message]:
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)
    if outcome.http_status is not None:
        info.metadata["http_status"] = str(outcome.http_status)
    details: list[Message] = [info, error_details_pb2.RequestInfo(request_id=request_id)]
    if isinstance(error, ValidationError) and error.violations:
        details.append(_bad_request(error, language))
    if isinstance(error, OverloadedError | IdentityUnavailableError):
        details.append(_retry_info(error.retry_after_s))
    if isinstance(error, RateLimitExceededError):
        info.metadata["reset_at"] = instant_text(error.reset_at)
        details += _limit_details(error)
    return details


def _bad_request(error: ValidationError, language: Language) -> error_details_pb2.BadRequest:
    violation = error_details_pb2.BadRequest.FieldViolation
    return error_details_pb2.BadRequest(
        field_violations=[
            violation(field=each.field, description=each.text.render(language))
            for each in error.violations
        ]
    )


def _limit_details(error: RateLimitExceededError) -> Sequence[Message]:
    violation = error_details_pb2.QuotaFailure.Violation(
        subject=error.subject, description=error.reason, quota_value=error.limit
    )
    return [
        error_details_pb2.QuotaFailure(violations=[violation]),
        _retry_info(error.retry_after_s),
    ]


def _retry_info(seconds: float) -> error_details_pb2.RetryInfo:
    delay = duration_pb2.Duration()
    delay.FromMilliseconds(max(0, int(seconds * 1000)))
    return error_details_pb2.RetryInfo(retry_delay=delay)


def _packed(detail: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return packed


def epoch_seconds(instant: datetime) -> int:
    """Seconds since the epoch, as X-RateLimit-Reset has them: never before the instant."""
    return ceil(instant.timestamp())
