"""What is known of the call being served, filled in by the interceptors on its way."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

import grpc

from dietcare.api.status import epoch_seconds
from dietcare.auth.caller import Caller
from dietcare.domain.idempotency import Attempt
from dietcare.domain.ids import UserId
from dietcare.domain.quota import LimitStatus
from dietcare.errors import (
    AuthenticationError,
    PermissionDeniedError,
    ValidationError,
    Violation,
)
from dietcare.limits.port import Ticket
from dietcare.messages import Language, language_of

LIMIT_HEADERS = "x-ratelimit-"


@dataclass(slots=True)
class Call:
    """One call. Belongs to the task that serves it."""

    method: str
    """Name of the RPC, without its service."""
    request_id: str
    accept_language: str | None = None
    caller_or_none: Caller | None = None
    owner: UserId | None = None
    """Whose records it is about; None where that is nobody, or the call is to be refused."""
    refusal: ValidationError | PermissionDeniedError | None = None
    """Why it is to be refused because of whose records it is about."""
    ticket: Ticket | None = None
    refunded: bool = False
    is_free: bool = False
    """Whether no unit is to be taken: an earlier try has paid for what it did."""
    attempt: Attempt | None = None
    """Which try of an idempotency key this is."""
    quota: LimitStatus | None = None
    """What was told to be left of the limit."""
    code: grpc.StatusCode = grpc.StatusCode.OK
    reason: str | None = None
    trailers: list[tuple[str, str | bytes]] = field(default_factory=list)

    @property
    def caller(self) -> Caller:
        """Who calls; AuthenticationError before that is known."""
        if self.caller_or_none is None:
            raise AuthenticationError
        return self.caller_or_none

    @property
    def user_id(self) -> UserId:
        """Whose records it is about. Ask once what is malformed has been refused.

        Raises:
            ValidationError: the `user_id` that was asked for is no id, or a service named nobody.
            PermissionDeniedError: the caller may not touch those records that way.
        """
        if self.refusal is not None:
            raise self.refusal
        if self.owner is None:
            raise AssertionError(f"no access is declared for {self.method}")
        return self.owner

    @property
    def violations(self) -> Sequence[Violation]:
        """What is malformed in whose records it is about, to be told with all else that is."""
        return self.refusal.violations if isinstance(self.refusal, ValidationError) else ()

    @property
    def language(self) -> Language:
        """The language that the answer is written in."""
        locale = self.caller_or_none.locale if self.caller_or_none else None
        return language_of(self.accept_language, locale)

    def tell(self, status: LimitStatus) -> None:
        """Have the answer say what is left of a limit; what was told last counts."""
        self.quota = status
        others = [pair for pair in self.trailers if not pair[0].startswith(LIMIT_HEADERS)]
        self.trailers = [*others, *limit_metadata(status)]


def limit_metadata(status: LimitStatus) -> list[tuple[str, str]]:
    """What is left of a limit, as answers say it."""
    return [
        (f"{LIMIT_HEADERS}limit", str(status.limit)),
        (f"{LIMIT_HEADERS}remaining", str(status.remaining)),
        (f"{LIMIT_HEADERS}reset", str(epoch_seconds(status.reset_at))),
    ]


_current: ContextVar[Call] = ContextVar("call")


def current() -> Call:
    """The call that this task serves."""
    return _current.get()


def begin(call: Call) -> None:
    """Make `call` the one that this task serves; each call has a task of its own."""
    _current.set(call)


Metadata = Sequence[tuple[str, str | bytes]]


def metadata_of(context: grpc.aio.ServicerContext[object, object]) -> dict[str, str]:
    """The text metadata of a call; of a key sent twice, the first."""
    found: dict[str, str] = {}
    for key, value in context.invocation_metadata() or ():
        if isinstance(value, str):
            found.setdefault(key, value)
    return found
