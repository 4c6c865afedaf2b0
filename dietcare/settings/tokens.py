"""Which tokens are believed, and what signs page tokens."""

from collections.abc import Iterator

import jwt
from pydantic import Field

from dietcare.settings.values import Group, Names, OptionalSecret, OptionalText

SECRET_MIN_CHARACTERS = 32
HASH_ALGORITHMS = frozenset({"HS256"})
KEY_ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})


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
    def algorithms(self) -> tuple[str, ...]:
        """The accepted algorithms of tokens."""
        return self.jwt_algorithms or ("HS256",)


def token_contradictions(settings: TokenSettings) -> Iterator[tuple[str, str]]:
    algorithms = set(settings.algorithms)
    if unknown := algorithms - HASH_ALGORITHMS - KEY_ALGORITHMS:
        allowed = ", ".join(sorted(HASH_ALGORITHMS | KEY_ALGORITHMS))
        yield "DIETCARE_JWT_ALGORITHMS", f"{', '.join(sorted(unknown))}: must be of {allowed}"
    if algorithms & HASH_ALGORITHMS and algorithms & KEY_ALGORITHMS:
        yield "DIETCARE_JWT_ALGORITHMS", "a secret and a public key exclude each other"
    if algorithms & KEY_ALGORITHMS and settings.jwt_public_key is None:
        yield "DIETCARE_JWT_PUBLIC_KEY", "is required for these DIETCARE_JWT_ALGORITHMS"
    if settings.jwt_public_key is not None and not algorithms & KEY_ALGORITHMS:
        yield "DIETCARE_JWT_ALGORITHMS", "must name the algorithm of DIETCARE_JWT_PUBLIC_KEY"
    elif settings.jwt_public_key is not None and not _fits(settings.jwt_public_key, algorithms):
        yield "DIETCARE_JWT_PUBLIC_KEY", "is no public key, in PEM, for DIETCARE_JWT_ALGORITHMS"
    secret = settings.jwt_secret
    if secret is not None and len(secret.get_secret_value()) < SECRET_MIN_CHARACTERS:
        yield "DIETCARE_JWT_SECRET", f"must have at least {SECRET_MIN_CHARACTERS} characters"


def _fits(pem: str, algorithms: set[str]) -> bool:
    """Whether one of the algorithms can verify with this key."""
    for name in sorted(algorithms & KEY_ALGORITHMS):
        try:
            key = jwt.get_algorithm_by_name(name).prepare_key(pem)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue
        if hasattr(key, "verify"):  # private keys have none
            return True
    return False


def page_token_contradictions(settings: TokenSettings) -> Iterator[tuple[str, str]]:
    key = settings.page_token_key
    if key is not None and len(key.get_secret_value()) < SECRET_MIN_CHARACTERS:
        yield "DIETCARE_PAGE_TOKEN_KEY", f"must have at least {SECRET_MIN_CHARACTERS} characters"
    if key is None and settings.jwt_secret is None and settings.jwt_public_key is not None:
        yield "DIETCARE_PAGE_TOKEN_KEY", "is required where only a public key verifies tokens"
