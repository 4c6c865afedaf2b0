"""Which tokens are believed, and what signs page tokens."""

import re
from collections.abc import Iterator
from itertools import pairwise

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import Field

from dietcare.auth.keys import RSA_MIN_BITS
from dietcare.settings.values import Group, Names, OptionalSecret, OptionalText

SECRET_MIN_CHARACTERS = 32
HASH_ALGORITHMS = frozenset({"HS256"})
KEY_ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
SECRET_MIN_DISTINCT = 8
PLACEHOLDERS = (
    "changeme", "change-me", "change_me", "change-this", "change_this",
    "your-secret", "your_secret", "secret-key", "secret_key", "placeholder", "example",
    "string-secret", "256-bit",
)  # fmt: skip
_URL = re.compile(r"https://[^\s/?#@]+(/[^\s#]*)?")
_LOCAL_URL = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?(/[^\s#]*)?")


class TokenSettings(Group):
    """Keys, algorithms and claims."""

    jwt_secret: OptionalSecret = Field(
        None,
        description="Secret of HS256 tokens, at least 32 characters; generated in the data "
        "directory where unset.",
    )
    jwt_public_key: OptionalText = Field(
        None, description="Public key of RS256, ES256 or EdDSA tokens, in PEM."
    )
    jwt_jwks_url: OptionalText = Field(
        None,
        description="Where an identity provider publishes its keys, as a JSON Web Key Set; "
        "https, or in development http on this machine. See docs/tokens.md.",
    )
    jwt_algorithms: Names = Field(
        (), description="Accepted algorithms; HS256 with a secret where empty."
    )
    jwt_issuer: OptionalText = Field(None, description="Required `iss` of tokens.")
    jwt_audience: OptionalText = Field(None, description="Required `aud` of tokens.")
    page_token_key: OptionalSecret = Field(
        None,
        description="Key that signs page tokens, at least 32 characters; derived from the secret "
        "of tokens where unset, required where there is none.",
    )

    @property
    def has_token_key(self) -> bool:
        """Whether it is said what verifies tokens."""
        return bool(self.jwt_secret or self.jwt_public_key or self.jwt_jwks_url)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The accepted algorithms of tokens."""
        return self.jwt_algorithms or ("HS256",)


def token_contradictions(
    settings: TokenSettings, *, is_development: bool
) -> Iterator[tuple[str, str]]:
    """What is wrong with the keys and algorithms of tokens, by variable."""
    algorithms = set(settings.algorithms)
    if unknown := algorithms - HASH_ALGORITHMS - KEY_ALGORITHMS:
        allowed = ", ".join(sorted(HASH_ALGORITHMS | KEY_ALGORITHMS))
        yield "DIETCARE_JWT_ALGORITHMS", f"{', '.join(sorted(unknown))}: must be of {allowed}"
    if algorithms & HASH_ALGORITHMS and algorithms & KEY_ALGORITHMS:
        yield "DIETCARE_JWT_ALGORITHMS", "a secret and a public key exclude each other"
    yield from _key_contradictions(settings, algorithms, is_development)
    secret = settings.jwt_secret
    if secret is not None and (settings.jwt_public_key or settings.jwt_jwks_url):
        yield "DIETCARE_JWT_SECRET", "and public keys exclude each other"
    if secret is not None and len(secret.get_secret_value()) < SECRET_MIN_CHARACTERS:
        yield "DIETCARE_JWT_SECRET", f"must have at least {SECRET_MIN_CHARACTERS} characters"


def _key_contradictions(
    settings: TokenSettings, algorithms: set[str], is_development: bool
) -> Iterator[tuple[str, str]]:
    pem, url = settings.jwt_public_key, settings.jwt_jwks_url
    if algorithms & KEY_ALGORITHMS and not (pem or url):
        yield "DIETCARE_JWT_PUBLIC_KEY", "is required for these DIETCARE_JWT_ALGORITHMS"
    for variable, key in (("DIETCARE_JWT_PUBLIC_KEY", pem), ("DIETCARE_JWT_JWKS_URL", url)):
        if key and not algorithms & KEY_ALGORITHMS:
            yield "DIETCARE_JWT_ALGORITHMS", f"must name the algorithm of {variable}"
    if pem and algorithms & KEY_ALGORITHMS and not _fits(pem, algorithms):
        yield "DIETCARE_JWT_PUBLIC_KEY", "is no public key, in PEM, for DIETCARE_JWT_ALGORITHMS"
    if pem and url:
        yield "DIETCARE_JWT_JWKS_URL", "and DIETCARE_JWT_PUBLIC_KEY exclude each other"
    if url and not _URL.fullmatch(url) and not (is_development and _LOCAL_URL.fullmatch(url)):
        yield (
            "DIETCARE_JWT_JWKS_URL",
            "must be https://…, or in development http:// on this machine",
        )


def weak_secret(secret: str) -> bool:
    """Whether a secret is long only in characters: few different ones, repeated, in the order of
    the alphabet, or left from an example.
    """
    lowered = secret.lower()
    is_repeated = lowered in (lowered * 2)[1:-1]
    steps = [ord(after) - ord(before) for before, after in pairwise(lowered)]
    return (
        len(set(lowered)) < SECRET_MIN_DISTINCT
        or is_repeated
        or 2 * sum(abs(step) <= 1 for step in steps) > len(steps)
        or any(word in lowered for word in PLACEHOLDERS)
    )


def _fits(pem: str, algorithms: set[str]) -> bool:
    """Whether one of the algorithms can verify with this key."""
    for name in sorted(algorithms & KEY_ALGORITHMS):
        try:
            key = jwt.get_algorithm_by_name(name).prepare_key(pem)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size < RSA_MIN_BITS:
            continue
        if hasattr(key, "verify"):  # private keys have none
            return True
    return False


def page_token_contradictions(settings: TokenSettings) -> Iterator[tuple[str, str]]:
    key = settings.page_token_key
    if key is not None and len(key.get_secret_value()) < SECRET_MIN_CHARACTERS:
        yield "DIETCARE_PAGE_TOKEN_KEY", f"must have at least {SECRET_MIN_CHARACTERS} characters"
    if key is None and settings.jwt_secret is None and settings.has_token_key:
        yield "DIETCARE_PAGE_TOKEN_KEY", "is required where only a public key verifies tokens"
