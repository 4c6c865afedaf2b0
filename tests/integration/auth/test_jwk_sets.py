"""What of a published key set is believed."""

import pytest

from dietcare.auth.jwk_set import MAX_KEYS
from dietcare.auth.jwks import FRESH_S, MAX_BYTES


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"use": None},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"alg": ["ES256"]},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"kty": "RSA"},
        {"x": "AQ"},
        {"x": 5},
    ],
)
async def test_a_key_that_is_not_for_verifying_is_passed_over(
    provider, verifier, refused, new_signer, claims, change
):
    good, bad = new_signer(), new_signer()
    provider.keys = [bad.public(**change), good.public()]
    await refused(bad.token(**claims))
    assert await verifier.verify(good.token(**claims))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_key_whose_private_half_is_published_is_passed_over(
    provider, verifier, refused, new_signer, claims, algorithm
):
    good, bad = new_signer(), new_signer(algorithm)
    provider.keys = [bad.private(), good.public()]
    await refused(bad.token(**claims))
    assert await verifier.verify(good.token(**claims))


@pytest.mark.parametrize(
    "change", [{"use": "sig"}, {"key_ops": ["verify"]}, {"alg": "ES256"}, {"x5c": ["?"]}]
)
async def test_a_key_that_says_that_it_is_for_verifying_verifies(
    provider, verifier, new_signer, claims, change
):
    signer = new_signer()
    provider.keys = [signer.public(**change)]
    assert await verifier.verify(signer.token(**claims))


# PyJWT warns where such a key signs.
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_weak_keys_secrets_and_what_is_no_key_are_passed_over(
    provider, verifier, refused, new_signer, claims
):
    good, weak = new_signer(), new_signer("RS256", bits=1_024)
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s", "alg": "HS256"}
    broken = {"kty": "RSA", "n": "!", "e": "AQAB"}
    even = {"kty": "RSA", "n": "AQAA", "e": "Ag", "kid": "e"}
    odd = [{}, 5, None, [], {"kty": "EC"}, {"kty": 5}, {"kty": "OKP", "crv": "X25519", "x": "AQ"}]
    provider.keys = [weak.public(), secret, broken, even, *odd, good.public()]
    await refused(weak.token(**claims))
    assert await verifier.verify(good.token(**claims))


async def test_keys_of_two_kinds_may_share_an_id(provider, verifier, new_signer, claims):
    one, other = new_signer("ES256"), new_signer("EdDSA")
    other.kid = one.kid
    provider.keys = [one.public(), other.public(), one.public()]
    for signer in (one, other):
        assert await verifier.verify(signer.token(**claims))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        ("500 Oops", "", None),
        ("204 No Content", "", b""),
        ("302 Found", "location: /other\r\n", None),
        ("200 OK", "", b""),
        ("200 OK", "", b"<html>"),
        ("200 OK", "", b"\xff\xfe"),
        ("200 OK", "", b"[]"),
        ("200 OK", "", b"5"),
        ("200 OK", "", b'{"keys": {}}'),
        ("200 OK", "", b'{"keys": null}'),
        ("200 OK", "", b'{"keys": [' + b"[" * 5_000),
        ("200 OK", "", b'{"keys": [' + b"5," * MAX_KEYS + b"5]}"),
        ("200 OK", "", b'{"keys": [' + b" " * MAX_BYTES + b"]}"),
        ("200 OK", "content-encoding: gzip\r\n", b"\x1f\x8b\x08\x00"),
    ],
)
async def test_what_is_no_key_set_changes_nothing(
    provider, verifier, new_signer, claims, clock, settled, status, headers, body
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await verifier.verify(signer.token(**claims))
    provider.status, provider.headers, provider.body = status, headers, body
    clock.advance(FRESH_S + 1)
    assert await verifier.verify(signer.token(**claims, n=1))
    await settled(2)
    assert await verifier.verify(signer.token(**claims, n=2))
    assert provider.requests == 2
