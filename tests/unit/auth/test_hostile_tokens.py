"""Whatever is shown as a token is accepted or refused, and nothing else."""

import contextlib

import jwt
import pytest
from hand_signed import hand_signed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dietcare.auth.keys import OneKey
from dietcare.auth.tokens import TokenVerifier
from dietcare.clock import SystemClock
from dietcare.errors import AuthenticationError

NOW = 1_764_212_400  # 2025-11-27T03:00:00Z


@pytest.mark.parametrize(
    "change",
    [
        lambda head, body, mac: f" {head}.{body}.{mac}",
        lambda head, body, mac: f"{head}.{body}.{mac}\n",
        lambda head, body, mac: f"{head}.{body}.{mac}.",
        lambda head, body, mac: f"{head}.{body}.{mac}=",
        lambda head, body, mac: f"{head}.{body}.{mac}==",
        lambda head, body, mac: f"{head}.{body}.{mac[:9]} {mac[9:]}",
        lambda head, body, mac: f"{head}.{body[:9]}!{body[9:]}.{mac}",
        lambda head, body, mac: f"{head}.{body}.{mac[:9]}한{mac[9:]}",
        lambda head, body, mac: f"{head}.{body}.+{mac[1:]}",
        lambda head, body, mac: f"{head}..{body}.{mac}",
    ],
    ids=range(10),
)
async def test_a_token_has_one_way_to_be_written(verifier, sign, change):
    assert await verifier.verify(sign())
    with pytest.raises(AuthenticationError):
        await verifier.verify(change(*sign().split(".")))


async def test_a_claim_that_stands_twice_counts_once(verifier, secret, user):
    """The last one, as RFC 7519 (4) allows, and none of two in part."""
    for ends, is_accepted in (((NOW - 99, NOW + 99), True), ((NOW + 99, NOW - 99), False)):
        payload = f'{{"sub": "{user}", "exp": {ends[0]}, "exp": {ends[1]}}}'
        token = jwt.api_jws.encode(payload.encode(), secret, "HS256")
        with contextlib.nullcontext() if is_accepted else pytest.raises(AuthenticationError):
            await verifier.verify(token)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"exp": ' + b"9" * 5_000 + b"}",
        b'{"exp": 1e999}',
        b'{"exp": NaN}',
        b'{"exp": -Infinity}',
        b"[" * 5_000,
        b'{"a":' * 1_000,
        b"\xff\xfe",
        b"",
    ],
    ids=range(8),
)
async def test_claims_that_are_hard_to_read_are_refused(verifier, secret, payload):
    with pytest.raises(AuthenticationError):
        await verifier.verify(jwt.api_jws.encode(payload, secret, "HS256"))


@given(
    text=st.text(max_size=300)
    | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
    | st.text("eyJhbGci.=_- \n", max_size=300)
)
async def test_any_text_is_refused_as_a_bad_token_and_nothing_else(text):
    verifier = TokenVerifier(OneKey("k" * 32, ("HS256",)), SystemClock())
    with pytest.raises(AuthenticationError):
        await verifier.verify(text)


@pytest.mark.parametrize("issuer", [["https://id.example"], {"https://id.example": 1}, 5, True])
async def test_an_issuer_is_one_text(clock, secret, issuer):
    verifier = TokenVerifier(OneKey(secret, ("HS256",)), clock, issuer="https://id.example")
    with pytest.raises(AuthenticationError):
        await verifier.verify(hand_signed({"alg": "HS256"}, {**GOOD, "iss": issuer}, secret))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from([1e30, 10**400, 2**63, -1, "1764212400", "\ud800", "\0"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
CLAIMS = ("sub", "exp", "nbf", "iat", "iss", "aud", "jti", "scope", "zoneinfo", "locale")
HEADERS = ("typ", "cty", "kid", "crit", "b64", "jwk", "jku", "x5u", "x5c", "x5t", "alg", "zip")
GOOD = {"sub": "507f1f77bcf86cd799439011", "exp": NOW + 60}


@given(
    claims=st.dictionaries(st.sampled_from(CLAIMS), JSON, max_size=10),
    is_good=st.booleans(),
    audience=st.none() | st.just("dietcare"),
    issuer=st.none() | st.just("https://id.example"),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_claims_are_accepted_or_refused_and_nothing_else(
    clock, secret, claims, is_good, audience, issuer
):
    said = {**GOOD, **claims} if is_good else claims
    verifier = TokenVerifier(OneKey(secret, ("HS256",)), clock, audience=audience, issuer=issuer)
    with contextlib.suppress(AuthenticationError):
        caller = await verifier.verify(hand_signed({"alg": "HS256"}, said, secret))
        assert caller.expires_at > NOW - 30
        assert caller.subject.encode()
        assert issuer in (None, said.get("iss"))


@given(headers=st.dictionaries(st.sampled_from(HEADERS), JSON, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_headers_are_accepted_or_refused_and_nothing_else(clock, secret, headers):
    verifier = TokenVerifier(OneKey(secret, ("HS256",)), clock)
    with contextlib.suppress(AuthenticationError):
        caller = await verifier.verify(hand_signed({"alg": "HS256", **headers}, GOOD, secret))
        assert caller.subject == GOOD["sub"]
        assert headers.get("alg", "HS256") == "HS256"
        assert "crit" not in headers
