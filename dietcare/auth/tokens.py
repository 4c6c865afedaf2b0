"""Bearer tokens: verified by the configured algorithms only, remembered until they expire."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import jwt
from cachetools import LRUCache

from dietcare.auth.caller import Caller, Scope
from dietcare.clock import Clock
from dietcare.domain import calendar
from dietcare.domain.ids import is_id
from dietcare.errors import AuthenticationError

CLOCK_SKEW_S = 30
SUBJECT_MAX_CHARACTERS = 128
REMEMBERED_TOKENS = 10_000
# 9999-12-31, the last instant that a date can hold.
LAST_EPOCH_S = 253_402_300_799


class TokenVerifier:
    """Tells who a token speaks for. One per process; not safe across threads."""

    def __init__(
        self,
        key: str,
        algorithms: Sequence[str],
        clock: Clock,
        *,
        issuer: str | None = None,
        audience: str | None = None,
    ) -> None:
        self._key = key
        self._algorithms = list(algorithms)
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._remembered: LRUCache[bytes, Caller] = LRUCache(REMEMBERED_TOKENS)

    def verify(self, token: str) -> Caller:
        """The caller that `token` speaks for.

        Raises:
            AuthenticationError: it is malformed, forged, expired or not for this service.
        """
        digest = hashlib.sha256(token.encode()).digest()
        caller = self._remembered.get(digest)
        if caller is None:
            caller = self._caller(self._claims(token))
            self._remembered[digest] = caller
        if caller.expires_at + CLOCK_SKEW_S <= self._clock.now().timestamp():
            self._remembered.pop(digest, None)
            raise AuthenticationError
        return caller

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=self._algorithms,
                issuer=self._issuer,
                audience=self._audience,
                # Times are judged below, by the injected clock.
                options={
                    "require": ["sub", "exp"],
                    "verify_aud": self._audience is not None,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        # A header nested too deeply is no more than another malformed token.
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise AuthenticationError from error
        return claims

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        expires_at, not_before = _epoch(claims["exp"]), _epoch(claims.get("nbf", 0))
        subject, scopes = claims["sub"], _scopes(claims.get("scope", ""))
        if not_before > self._clock.now().timestamp() + CLOCK_SKEW_S:
            raise AuthenticationError
        if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_MAX_CHARACTERS:
            raise AuthenticationError
        if not scopes and not is_id(subject):
            raise AuthenticationError
        return Caller(
            subject=subject.lower() if is_id(subject) else subject,
            scopes=scopes,
            expires_at=expires_at,
            time_zone=_zone(claims.get("zoneinfo")),
            locale=_text(claims.get("locale")),
        )


def _epoch(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise AuthenticationError
    if not 0 <= value <= LAST_EPOCH_S:  # NaN is not within either
        raise AuthenticationError
    return float(value)


def _scopes(value: object) -> frozenset[Scope]:
    if not isinstance(value, str):
        raise AuthenticationError
    return frozenset(scope for scope in Scope if scope.value in value.split())


def _zone(value: object) -> str | None:
    name = _text(value)
    return name if name and calendar.zone(name) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def issue(
    key: str,
    algorithm: str,
    subject: str,
    *,
    expires_at: float,
    scope: str = "",
    time_zone: str | None = None,
) -> str:
    """Sign a token for development; `expires_at` in epoch seconds."""
    claims: dict[str, object] = {"sub": subject, "exp": int(expires_at)}
    if scope:
        claims["scope"] = scope
    if time_zone:
        claims["zoneinfo"] = time_zone
    return jwt.encode(claims, key, algorithm)
