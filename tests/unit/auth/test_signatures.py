"""Which signatures are accepted: those of the configured algorithm and key, and no other."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest

from dietcare.auth.tokens import TokenVerifier
from dietcare.errors import AuthenticationError

KEY_ALGORITHMS = ["RS256", "ES256", "EdDSA"]
NOW = 1_764_212_400  # 2025-11-27T03:00:00Z


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
def test_a_key_pair_in_pem_signs_and_verifies(sign, clock, keys, user, algorithm):
    pair = keys[algorithm]
    verifier = TokenVerifier(pair.public, [algorithm], clock)

    assert verifier.verify(sign(pair.private, algorithm)).subject == user
    with pytest.raises(AuthenticationError):
        TokenVerifier(keys["RS256"].public, KEY_ALGORITHMS, clock).verify(
            sign(keys["ES256"].private, "ES256")
        )


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
def test_the_public_key_is_no_secret_to_sign_with(clock, claims, keys, algorithm):
    public = keys[algorithm].public

    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    mac = hmac.new(public.encode(), signed, hashlib.sha256).digest()
    forged = (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()

    with pytest.raises(AuthenticationError):
        TokenVerifier(public, [algorithm], clock).verify(forged)


def test_an_unsigned_token_is_refused(verifier, claims):
    for algorithm in ("none", "None", "NONE"):
        parts = ({"alg": algorithm, "typ": "JWT"}, claims)
        head, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
            for part in parts
        )
        for token in (f"{head}.{body}.", f"{head}.{body}"):
            with pytest.raises(AuthenticationError):
                verifier.verify(token)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_algorithm_is_configured_and_not_read_from_the_token(verifier, sign, algorithm):
    with pytest.raises(AuthenticationError):
        verifier.verify(sign(algorithm=algorithm))


def test_another_secret_is_refused(verifier, sign):
    with pytest.raises(AuthenticationError):
        verifier.verify(sign("another secret, of more than enough characters"))


def test_a_token_whose_claims_were_changed_is_refused(verifier, sign, other):
    head, _, signature = sign().split(".")
    body = base64.urlsafe_b64encode(json.dumps({"sub": other, "exp": NOW + 60}).encode())

    with pytest.raises(AuthenticationError):
        verifier.verify(f"{head}.{body.rstrip(b'=').decode()}.{signature}")


def _nested_header() -> str:
    return base64.urlsafe_b64encode(b"[" * 6_000).decode() + ".e30.e30"


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b", "a.b.c", "..", "e30.e30.e30", "현미밥", "\x00", "a.b.c.d", _nested_header()],
    ids=range(10),
)
def test_what_is_no_token_is_refused(verifier, token):
    with pytest.raises(AuthenticationError):
        verifier.verify(token)


@pytest.mark.parametrize("payload", [[], "text", 5, None])
def test_claims_that_are_no_object_are_refused(verifier, secret, payload):
    token = jwt.api_jws.encode(json.dumps(payload).encode(), secret, "HS256")

    with pytest.raises(AuthenticationError):
        verifier.verify(token)
