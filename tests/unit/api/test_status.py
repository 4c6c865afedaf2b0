"""The one table of what an error becomes."""

from datetime import UTC, datetime

import pytest
from google.rpc import error_details_pb2

from dietcare import errors
from dietcare.api.status import epoch_seconds, outcome_of, status_of
from dietcare.messages import Language, text
from gateway.status import detail

RESET = datetime(2025, 11, 27, 11, 0, 0, 500_000, tzinfo=UTC)
LIMIT = (10, RESET, 1_799.5)


@pytest.mark.parametrize(
    ("error", "code", "http_status"),
    [
        (errors.ValidationError(), "INVALID_ARGUMENT", None),
        (errors.InvalidImageURLError(), "INVALID_ARGUMENT", None),
        (errors.InvalidMealDataError(), "INVALID_ARGUMENT", None),
        (errors.InvalidGoalRangeError(), "INVALID_ARGUMENT", None),
        (errors.AuthenticationError(), "UNAUTHENTICATED", None),
        (errors.PermissionDeniedError(), "PERMISSION_DENIED", None),
        (errors.ResourceNotFoundError(), "NOT_FOUND", None),
        (errors.SessionNotFoundError(), "NOT_FOUND", None),
        (errors.GoalNotFoundError(), "NOT_FOUND", None),
        (errors.MealNotFoundError(), "NOT_FOUND", None),
        (errors.ConflictError(), "ABORTED", None),
        (errors.StaleVersionError(), "FAILED_PRECONDITION", 412),
        (errors.AnalysisLimitExceededError(*LIMIT), "RESOURCE_EXHAUSTED", None),
        (errors.MealLogLimitExceededError(*LIMIT), "RESOURCE_EXHAUSTED", None),
        (errors.GoalUpdateLimitExceededError(*LIMIT), "RESOURCE_EXHAUSTED", None),
        (errors.OpenAIAPIError(), "UNAVAILABLE", 502),
        (errors.ImageProcessingError(), "UNAVAILABLE", 502),
        (errors.DatabaseConnectionError(), "UNAVAILABLE", None),
        (errors.DatabaseQueryError(), "INTERNAL", None),
        (errors.DatabaseError(), "INTERNAL", None),
        (errors.DeadlineExceededError(), "DEADLINE_EXCEEDED", None),
        (errors.UnimplementedError(), "UNIMPLEMENTED", None),
        (errors.DietCareError(), "INTERNAL", None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_error_has_its_code(error, code, http_status):
    outcome = outcome_of(error)

    assert (outcome.code.name, outcome.http_status) == (code, http_status)
    status = status_of(error, Language.KO, "req_1")
    info = detail(status, error_details_pb2.ErrorInfo)
    assert (info.domain, info.reason) == ("dietcare", error.reason)
    assert info.metadata.get("http_status") == (str(http_status) if http_status else None)
    assert detail(status, error_details_pb2.RequestInfo).request_id == "req_1"
    assert status.message


def all_errors(cls=errors.DietCareError):
    yield cls
    for child in cls.__subclasses__():
        yield from all_errors(child)


@pytest.mark.parametrize("cls", list(all_errors()))
def test_no_error_is_without_an_entry(cls):
    made = cls.__new__(cls)

    assert outcome_of(made).code is not None


def test_a_validation_error_lists_its_fields_in_the_language():
    error = errors.InvalidMealDataError(
        [
            errors.Violation("foods[0].name", text("field.control")),
            errors.Violation("note", text("field.too_long", maximum=1_000)),
        ]
    )

    status = status_of(error, Language.EN, "req_1")

    assert status.message == "The meal is not valid"
    bad = detail(status, error_details_pb2.BadRequest)
    assert [(each.field, each.description) for each in bad.field_violations] == [
        ("foods[0].name", "must not contain control characters"),
        ("note", "must have at most 1000 characters"),
    ]


def test_an_error_without_fields_has_no_list_of_them():
    status = status_of(errors.ValidationError(), Language.EN, "req_1")

    assert detail(status, error_details_pb2.BadRequest) is None


def test_a_limit_says_how_many_until_when_and_how_long_from_now():
    status = status_of(errors.AnalysisLimitExceededError(*LIMIT), Language.KO, "req_1")

    assert status.message == "시간당 분석 한도를 초과했습니다"
    info = detail(status, error_details_pb2.ErrorInfo)
    assert info.metadata["reset_at"] == "2025-11-27T11:00:00.500Z"
    delay = detail(status, error_details_pb2.RetryInfo).retry_delay
    assert (delay.seconds, delay.nanos) == (1_799, 500_000_000)
    (violation,) = detail(status, error_details_pb2.QuotaFailure).violations
    assert (violation.quota_value, violation.description) == (10, "ANALYSIS_LIMIT_EXCEEDED")


def test_a_delay_is_never_negative():
    error = errors.AnalysisLimitExceededError(10, RESET, -3)

    delay = detail(status_of(error, Language.KO, "r"), error_details_pb2.RetryInfo).retry_delay
    assert (delay.seconds, delay.nanos) == (0, 0)


def test_the_reset_is_told_in_whole_seconds_of_the_epoch_and_never_too_early():
    assert epoch_seconds(RESET) == 1_764_241_201
    assert epoch_seconds(RESET.replace(microsecond=0)) == 1_764_241_200
