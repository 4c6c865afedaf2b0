"""Who calls, and whose records they may touch."""

from dataclasses import dataclass
from enum import StrEnum

from dietcare.domain.ids import UserId, is_id
from dietcare.errors import PermissionDeniedError, ValidationError


class Scope(StrEnum):
    """What a token allows beyond the records of its own subject."""

    READ = "diet:read"
    SERVICE = "diet:service"
    ADMIN = "diet:admin"


class Access(StrEnum):
    """What a call does with a user's records."""

    READ = "read"
    WRITE = "write"
    ACCOUNT = "account"
    """Export or erase everything."""


ALLOWING = {
    Access.READ: frozenset({Scope.READ, Scope.SERVICE, Scope.ADMIN}),
    Access.WRITE: frozenset({Scope.SERVICE, Scope.ADMIN}),
    Access.ACCOUNT: frozenset({Scope.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The subject of a verified token; `expires_at` in epoch seconds."""

    subject: str
    scopes: frozenset[Scope]
    expires_at: float
    time_zone: str | None = None
    locale: str | None = None

    def may(self, access: Access, user_id: str) -> bool:
        """Whether this caller may do that with the records of `user_id`."""
        return user_id == self.subject or not self.scopes.isdisjoint(ALLOWING[access])

    def resolve(self, access: Access, requested: str | None) -> UserId:
        """The user that a call is about: the one asked for (None for none), else the caller.

        Raises:
            ValidationError: what was asked for is no user id, or a service named nobody.
            PermissionDeniedError: it is somebody whose records the caller may not touch that way.
        """
        user_id = (requested if requested is not None else self.subject).lower()
        if not is_id(user_id):
            key = "field.id" if requested is not None else "field.required"
            raise ValidationError.of("user_id", key)
        if not self.may(access, user_id):
            raise PermissionDeniedError
        return UserId(user_id)
