"""Which signatures are accepted: those of the configured algorithm and key, and no other."""

import base64
import json

import jwt
import pytest
from hand_signed import hand_signed

from dietcare.auth.keys import OneKey
from dietcare.auth.tokens import TokenVerifier
from dietcare.errors import AuthenticationError

KEY_ALGORITHMS = ("RS256", "ES256", "EdDSA")
NOW = 1_764_212_400  # 2025-11-27T03:00:00Z


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
async def test_a_key_pair_in_pem_signs_and_verifies(sign, clock, keys, user, algorithm):
    pair = keys[algorithm]
    verifier = TokenVerifier(OneKey(pair.public, (algorithm,)), clock)

    assert (await verifier.verify(sign(pair.private, algorithm))).subject == user
    with pytest.raises(AuthenticationError):
        await TokenVerifier(OneKey(keys["RS256"].public, KEY_ALGORITHMS), clock).verify(
            sign(keys["ES256"].private, "ES256")
        )


@pytest.mark.parametrize("algorithm", KEY_ALGORITHMS)
async def test_the_public_key_is_no_secret_to_sign_with(clock, claims, keys, algorithm):
    public = keys[algorithm].public
    forged = hand_signed({"alg": "HS256", "typ": "JWT"}, claims, public)

    with pytest.raises(AuthenticationError):
        await TokenVerifier(OneKey(public, (algorithm,)), clock).verify(forged)


async def test_an_unsigned_token_is_refused(verifier, claims):
    for algorithm in ("none", "None", "NONE"):
        parts = ({"alg": algorithm, "typ": "JWT"}, claims)
        head, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
            for part in parts
        )
        for token in (f"{head}.{body}.", f"{head}.{body}"):
            with pytest.raises(AuthenticationError):
                await verifier.verify(token)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_the_algorithm_is_configured_and_not_read_from_the_token(verifier, sign, algorithm):
    with pytest.raises(AuthenticationError):
        await verifier.verify(sign(algorithm=algorithm))


async def test_another_secret_is_refused(verifier, sign):
    with pytest.raises(AuthenticationError):
        await verifier.verify(sign("another secret, of more than enough characters"))


async def test_a_token_whose_claims_were_changed_is_refused(verifier, sign, other):
    head, _, signature = sign().split(".")
    body = base64.urlsafe_b64encode(json.dumps({"sub": other, "exp": NOW + 60}).encode())

    with pytest.raises(AuthenticationError):
        await verifier.verify(f"{head}.{body.rstrip(b'=').decode()}.{signature}")


def _nested_header() -> str:
    return base64.urlsafe_b64encode(b"[" * 6_000).decode() + ".e30.e30"


@pytest.mark.parametrize(
    "token",
    ["", "x", "a.b", "a.b.c", "..", "e30.e30.e30", "현미밥", "\x00", "a.b.c.d", _nested_header()],
    ids=range(10),
)
async def test_what_is_no_token_is_refused(verifier, token):
    with pytest.raises(AuthenticationError):
        await verifier.verify(token)


@pytest.mark.parametrize("payload", [[], "text", 5, None])
async def test_claims_that_are_no_object_are_refused(verifier, secret, payload):
    token = jwt.api_jws.encode(json.dumps(payload).encode(), secret, "HS256")

    with pytest.raises(AuthenticationError):
        await verifier.verify(token)


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT", None])
async def test_a_token_of_a_known_kind_is_accepted(verifier, sign, kind):
    assert await verifier.verify(sign(headers={"typ": kind}))


@pytest.mark.parametrize(
    "headers",
    [
        {"typ": "logout+jwt"},
        {"typ": "id"},
        {"typ": ""},
        {"typ": 5},
        {"typ": ["JWT"]},
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": ["b64"], "b64": True},
        {"kid": 5},
        {"kid": "k" * 257},
        {"kid": {"$ne": ""}},
    ],
)
async def test_a_header_that_says_what_it_may_not_is_refused(verifier, secret, claims, headers):
    with pytest.raises(AuthenticationError):
        await verifier.verify(
            hand_signed({"alg": "HS256", "typ": "JWT", **headers}, claims, secret)
        )


@pytest.mark.parametrize("headers", [{"jwk": {"kty": "oct", "k": "eA"}}, {"jku": "https://e.io"}])
async def test_a_key_that_a_token_brings_is_not_looked_at(verifier, sign, headers):
    with pytest.raises(AuthenticationError):
        await verifier.verify(
            sign("another secret, of more than enough characters", headers=headers)
        )
    assert await verifier.verify(sign(headers=headers))


async def test_a_token_too_long_to_be_one_is_refused_before_it_is_read(verifier, sign):
    with pytest.raises(AuthenticationError):
        await verifier.verify(sign(more="x" * 8_192))
