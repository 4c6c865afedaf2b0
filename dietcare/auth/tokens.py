"""Bearer tokens: verified by the configured algorithms only, remembered until they expire."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import jwt
from cachetools import LRUCache

from dietcare.auth.caller import Caller, Scope
from dietcare.auth.keys import KID_MAX_CHARACTERS, Key, Keys
from dietcare.clock import Clock
from dietcare.domain import calendar
from dietcare.domain.ids import is_id
from dietcare.errors import AuthenticationError

CLOCK_SKEW_S = 30
SUBJECT_MAX_CHARACTERS = 128
TOKEN_MAX_CHARACTERS = 8_192
"""As much as metadata can hold."""
KINDS = frozenset({"jwt", "at+jwt"})
"""What `typ` may say, RFC 7519 and RFC 9068; other tokens are not for calling anybody."""
REMEMBERED_TOKENS = 10_000
# 9999-12-31, the last instant that a date can hold.
LAST_EPOCH_S = 253_402_300_799
# Three parts in base64url without padding (RFC 7515, 7.1), which PyJWT would let pass.
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# A header nested too deeply is no more than another malformed token.
_MALFORMED = (jwt.PyJWTError, ValueError, TypeError, RecursionError)


class TokenVerifier:
    """Tells who a token speaks for. One per process; not safe across threads.

    Verifying costs some 30 µs, which is why a token that was verified is remembered: until it
    expires, and as long as its key is believed.
    """

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        *,
        issuer: str | None = None,
        audience: str | None = None,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._remembered: LRUCache[bytes, tuple[Caller, Key]] = LRUCache(REMEMBERED_TOKENS)

    async def verify(self, token: str) -> Caller:
        """The caller that `token` speaks for.

        Raises:
            AuthenticationError: it is malformed, forged, expired or not for this service.
            IdentityUnavailableError: the keys that could tell are not known.
        """
        if len(token) > TOKEN_MAX_CHARACTERS:
            raise AuthenticationError
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        remembered = self._remembered.get(digest)
        if remembered is None or not self._keys.holds(remembered[1]):
            self._remembered.pop(digest, None)
            remembered = self._remembered[digest] = await self._verified(token)
        caller, _ = remembered
        if caller.expires_at + CLOCK_SKEW_S <= self._clock.now().timestamp():
            self._remembered.pop(digest, None)
            raise AuthenticationError
        return caller

    async def _verified(self, token: str) -> tuple[Caller, Key]:
        header = _header(token)
        key = await self._keys.find(_kid(header), header["alg"])
        if key is None:
            raise AuthenticationError
        return self._caller(self._claims(token, key)), key

    def _claims(self, token: str, key: Key) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token,
                key.material,
                algorithms=list(key.algorithms),
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
        except _MALFORMED as error:
            raise AuthenticationError from error
        return claims

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        expires_at = _epoch(claims["exp"])
        latest_s = self._clock.now().timestamp() + CLOCK_SKEW_S
        if _epoch(claims.get("nbf", 0)) > latest_s or _epoch(claims.get("iat", 0)) > latest_s:
            raise AuthenticationError
        subject, scopes = claims["sub"], _scopes(claims.get("scope", ""))
        if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_MAX_CHARACTERS:
            raise AuthenticationError
        # No control characters, nothing that can not be seen, nothing that can not be encoded.
        if not subject.isprintable():
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


def _header(token: str) -> Mapping[str, Any]:
    if not _FORM.fullmatch(token):
        raise AuthenticationError
    try:
        header: Mapping[str, Any] = jwt.get_unverified_header(token)
    except _MALFORMED as error:
        raise AuthenticationError from error
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in KINDS:
        raise AuthenticationError
    # An extension that must be understood is not (RFC 7515, 4.1.11).
    if "crit" in header or not isinstance(header.get("alg"), str):
        raise AuthenticationError
    return header


def _kid(header: Mapping[str, Any]) -> str | None:
    kid = header.get("kid")
    if kid is None:
        return None
    if not isinstance(kid, str) or len(kid) > KID_MAX_CHARACTERS:
        raise AuthenticationError
    return kid


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
