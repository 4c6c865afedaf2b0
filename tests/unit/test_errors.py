"""One hierarchy of errors, as the contract lists it."""

import pytest

from dietcare import errors
from dietcare.messages import CATALOGUE, text
from dietcare.v1 import error_reason_pb2

HIERARCHY = {
    errors.ValidationError: {
        errors.InvalidImageURLError: "INVALID_IMAGE_URL",
        errors.InvalidMealDataError: "INVALID_MEAL_DATA",
        errors.InvalidGoalRangeError: "INVALID_GOAL_RANGE",
    },
    errors.ResourceNotFoundError: {
        errors.SessionNotFoundError: "SESSION_NOT_FOUND",
        errors.GoalNotFoundError: "GOAL_NOT_FOUND",
        errors.MealNotFoundError: "MEAL_NOT_FOUND",
    },
    errors.RateLimitExceededError: {
        errors.AnalysisLimitExceededError: "ANALYSIS_LIMIT_EXCEEDED",
        errors.MealLogLimitExceededError: "MEAL_LOG_LIMIT_EXCEEDED",
        errors.GoalUpdateLimitExceededError: "GOAL_UPDATE_LIMIT_EXCEEDED",
    },
    errors.ExternalServiceError: {
        errors.OpenAIAPIError: "VISION_UNAVAILABLE",
        errors.ImageProcessingError: "IMAGE_PROCESSING_FAILED",
    },
    errors.DatabaseError: {
        errors.DatabaseConnectionError: "DATABASE_UNAVAILABLE",
        errors.DatabaseQueryError: "DATABASE_ERROR",
    },
    errors.ConflictError: {errors.StaleVersionError: "STALE_VERSION"},
    errors.DietCareError: {
        errors.ValidationError: "INVALID_ARGUMENT",
        errors.AuthenticationError: "UNAUTHENTICATED",
        errors.PermissionDeniedError: "PERMISSION_DENIED",
        errors.DeadlineExceededError: "DEADLINE_EXCEEDED",
        errors.UnimplementedError: "UNIMPLEMENTED",
    },
}
CASES = [
    (parent, child, reason)
    for parent, children in HIERARCHY.items()
    for child, reason in children.items()
]


@pytest.mark.parametrize(("parent", "child", "reason"), CASES)
def test_an_error_has_its_parent_and_its_reason(parent, child, reason):
    assert issubclass(child, parent)
    assert child.reason == reason


def all_errors(cls=errors.DietCareError):
    yield cls
    for child in cls.__subclasses__():
        yield from all_errors(child)


@pytest.mark.parametrize("cls", list(all_errors()))
def test_every_reason_is_one_of_the_contract_and_every_sentence_exists(cls):
    assert error_reason_pb2.ErrorReason.Value(f"ERROR_REASON_{cls.reason}") > 0
    assert cls.default in CATALOGUE


def test_an_error_carries_every_violated_field():
    error = errors.InvalidMealDataError(
        [errors.Violation("a", text("field.required")), errors.Violation("b", text("field.id"))]
    )

    assert [each.field for each in error.violations] == ["a", "b"]
    assert errors.ValidationError().violations == ()


def test_an_error_of_one_field_keeps_its_class():
    error = errors.InvalidImageURLError.of("image_data", "field.image_size", megabytes=10)

    assert type(error) is errors.InvalidImageURLError
    assert error.violations[0].text == text("field.image_size", megabytes=10)


def test_an_error_may_say_another_sentence():
    assert errors.DietCareError(text("error.goal_not_found")).message == text(
        "error.goal_not_found"
    )


def test_the_text_for_logs_holds_nothing_of_a_user():
    error = errors.ValidationError.of("note", "field.too_long", maximum=1_000)

    assert str(error) == "INVALID_ARGUMENT: error.invalid"
