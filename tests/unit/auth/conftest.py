"""Tokens made by hand, and verifiers of them."""

from types import SimpleNamespace

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from dietcare.auth.keys import OneKey
from dietcare.auth.tokens import TokenVerifier

SECRET = "a secret that only this test knows, long enough also for the longest of hashes"


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def verifier(clock) -> TokenVerifier:
    """Accepts HS256 with the secret."""
    return TokenVerifier(OneKey(SECRET, ("HS256",)), clock)


@pytest.fixture
def claims(clock, user) -> dict[str, object]:
    """Of a good token that holds for an hour."""
    return {"sub": user, "exp": int(clock.now().timestamp()) + 3_600}


@pytest.fixture
def sign(claims):
    """Sign the good claims, changed; None leaves one out."""

    def signed(key: str = SECRET, algorithm: str = "HS256", headers=None, **changes) -> str:
        said = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(said, key, algorithm, headers)

    return signed


def _pem(key) -> SimpleNamespace:
    return SimpleNamespace(
        private=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        public=key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


@pytest.fixture(scope="session")
def keys() -> dict[str, SimpleNamespace]:
    """A key pair, in PEM, for each algorithm."""
    return {
        "RS256": _pem(rsa.generate_private_key(65537, 2048)),
        "ES256": _pem(ec.generate_private_key(ec.SECP256R1())),
        "EdDSA": _pem(ed25519.Ed25519PrivateKey.generate()),
    }
