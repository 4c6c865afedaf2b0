"""One hierarchy of errors. Each carries a reason for programs and a sentence for people; what it
becomes on gRPC and HTTP is decided in `dietcare.api.status` alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from dietcare.messages import Text, text


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that breaks a rule; `field` is its path as the client wrote it."""

    field: str
    text: Text


class DietCareError(Exception):
    """Anything that goes wrong in a way that the service knows."""

    reason: ClassVar[str] = "INTERNAL"
    default: ClassVar[str] = "error.internal"

    def __init__(self, message: Text | None = None) -> None:
        self.message = message or text(self.default)
        super().__init__(f"{self.reason}: {self.message.key}")


class ValidationError(DietCareError):
    """The request breaks a rule; `violations` has every field that does."""

    reason = "INVALID_ARGUMENT"
    default = "error.invalid"

    def __init__(self, violations: Iterable[Violation] = ()) -> None:
        self.violations = tuple(violations)
        super().__init__()

    @classmethod
    def of(cls, field: str, key: str, **values: object) -> "ValidationError":
        """An error of one field."""
        return cls([Violation(field, text(key, **values))])


class InvalidImageURLError(ValidationError):
    """The picture can not be used because of what the client sent."""

    reason = "INVALID_IMAGE_URL"
    default = "error.image"


class InvalidMealDataError(ValidationError):
    """A meal breaks a rule."""

    reason = "INVALID_MEAL_DATA"
    default = "error.meal"


class InvalidGoalRangeError(ValidationError):
    """A goal is out of its range."""

    reason = "INVALID_GOAL_RANGE"
    default = "error.goal"


class AuthenticationError(DietCareError):
    """No token, or one that is not accepted."""

    reason = "UNAUTHENTICATED"
    default = "error.unauthenticated"


class IdentityUnavailableError(DietCareError):
    """Whether a token is good can not be told: the keys of its issuer are not to be had now. It may
    be shown again after `retry_after_s`.
    """

    reason = "IDENTITY_UNAVAILABLE"
    default = "error.identity_unavailable"
    retry_after_s = 5.0


class PermissionDeniedError(DietCareError):
    """The token does not allow this."""

    reason = "PERMISSION_DENIED"
    default = "error.permission"


class ResourceNotFoundError(DietCareError):
    """What was asked for does not exist, or not for this user."""


class SessionNotFoundError(ResourceNotFoundError):
    """The user has no open analysis session."""

    reason = "SESSION_NOT_FOUND"
    default = "error.session_not_found"


class GoalNotFoundError(ResourceNotFoundError):
    """The user has set no goals yet."""

    reason = "GOAL_NOT_FOUND"
    default = "error.goal_not_found"


class MealNotFoundError(ResourceNotFoundError):
    """There is no such meal of this user."""

    reason = "MEAL_NOT_FOUND"
    default = "error.meal_not_found"


class RateLimitExceededError(DietCareError):
    """A limit is used up until `reset_at`; `subject` is whose limit it is."""

    subject: ClassVar[str] = "user"

    def __init__(self, limit: int, reset_at: datetime, retry_after_s: float) -> None:
        self.limit = limit
        self.reset_at = reset_at
        self.retry_after_s = retry_after_s
        super().__init__()


class AnalysisLimitExceededError(RateLimitExceededError):
    """The hour's analyses are used up."""

    reason = "ANALYSIS_LIMIT_EXCEEDED"
    default = "error.analysis_limit"


class MealLogLimitExceededError(RateLimitExceededError):
    """The day's meals are used up."""

    reason = "MEAL_LOG_LIMIT_EXCEEDED"
    default = "error.meal_limit"


class GoalUpdateLimitExceededError(RateLimitExceededError):
    """The day's goal updates are used up."""

    reason = "GOAL_UPDATE_LIMIT_EXCEEDED"
    default = "error.goal_limit"


class IPLimitExceededError(RateLimitExceededError):
    """One address makes too many calls."""

    reason = "IP_LIMIT_EXCEEDED"
    default = "error.ip_limit"
    subject = "address"


class ExternalServiceError(DietCareError):
    """Something that the service depends on failed."""


class OpenAIAPIError(ExternalServiceError):
    """The vision model did not answer, or with nothing usable."""

    reason = "VISION_UNAVAILABLE"
    default = "error.vision"


class ImageProcessingError(ExternalServiceError):
    """The picture's host failed, or processing it did."""

    reason = "IMAGE_PROCESSING_FAILED"
    default = "error.image_processing"


class DatabaseError(DietCareError):
    """The database failed."""

    reason = "DATABASE_ERROR"
    default = "error.database"


class DatabaseConnectionError(DatabaseError):
    """The database can not be reached; the same call may succeed later."""

    reason = "DATABASE_UNAVAILABLE"
    default = "error.database_unavailable"


class DatabaseQueryError(DatabaseError):
    """The database refused a query."""


class DeadlineExceededError(DietCareError):
    """The call took longer than it may."""

    reason = "DEADLINE_EXCEEDED"
    default = "error.deadline"


class OverloadedError(DietCareError):
    """There is more to do than the service can; it may be asked again after `retry_after_s`."""

    reason = "OVERLOADED"
    default = "error.overloaded"
    retry_after_s = 1.0


class UnimplementedError(DietCareError):
    """Not built in this server."""

    reason = "UNIMPLEMENTED"
    default = "error.unimplemented"


class ConflictError(DietCareError):
    """Two writers wanted the same thing."""


class IdempotencyConflictError(ConflictError):
    """The idempotency key was used for another request."""

    reason = "IDEMPOTENCY_CONFLICT"
    default = "error.idempotency_conflict"


class ErasedMeanwhileError(ConflictError):
    """The user was erased while the call was in flight; nothing of it is left."""

    reason = "ERASED_MEANWHILE"
    default = "error.erased_meanwhile"


class StaleVersionError(ConflictError):
    """The record has changed since the version that the change was made from."""

    reason = "STALE_VERSION"
    default = "error.stale_version"
