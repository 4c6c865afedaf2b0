"""Keys that an identity provider publishes: fetched when needed, rotated, kept while it is down."""

import asyncio

import pytest

from dietcare.auth.jwks import FRESH_S, MAX_BYTES, STALE_MAX_S, WINDOW_S, open_jwks
from dietcare.errors import AuthenticationError, IdentityUnavailableError


async def refused(verifier, token):
    with pytest.raises(AuthenticationError):
        await verifier.verify(token)


async def settled(provider, requests):
    """Wait until what is fetched in the background has arrived."""
    async with asyncio.timeout(10):
        while provider.requests < requests:
            provider.asked.clear()
            await provider.asked.wait()
        fetching = (t for t in asyncio.all_tasks() if t.get_coro().__name__ == "_fetch")
        await asyncio.gather(*fetching)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_published_key_verifies(provider, verifier, new_signer, claims, algorithm):
    signer = new_signer(algorithm)
    provider.keys = [signer.public()]
    for _ in range(3):
        assert (await verifier.verify(signer.token(**claims))).subject == claims["sub"]
    assert provider.requests == 1


async def test_many_calls_at_the_start_share_one_request(provider, verifier, new_signer, claims):
    signer = new_signer()
    provider.keys = [signer.public()]
    tokens = [signer.token(**claims, n=n) for n in range(50)]
    await asyncio.gather(*(verifier.verify(token) for token in tokens))
    assert provider.requests == 1


async def test_another_key_than_the_published_ones_is_refused(
    provider, verifier, new_signer, claims
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await refused(verifier, new_signer(kid=signer.kid).token(**claims))


async def test_a_key_verifies_its_own_algorithm_alone(provider, verifier, new_signer, claims):
    signer = new_signer("ES256")
    provider.keys = [signer.public()]
    await refused(verifier, new_signer("RS256", kid=signer.kid).token(**claims))


async def test_rotation_fails_no_call(provider, verifier, new_signer, claims, clock):
    old, new = new_signer(), new_signer()
    provider.keys = [old.public()]
    await verifier.verify(old.token(**claims))
    clock.advance(WINDOW_S)
    provider.keys = [old.public(), new.public()]
    for signer in (new, old, new):
        assert await verifier.verify(signer.token(**claims))
    assert provider.requests == 2


async def test_a_key_that_is_withdrawn_verifies_nothing_any_more(
    provider, verifier, new_signer, claims, clock
):
    old, new = new_signer(), new_signer()
    provider.keys = [old.public(), new.public()]
    remembered = old.token(**claims)
    await verifier.verify(remembered)
    provider.keys = [new.public()]
    clock.advance(FRESH_S + 1)
    await verifier.verify(new.token(**claims))  # has the keys fetched in the background
    await settled(provider, 2)
    await refused(verifier, remembered)
    await refused(verifier, old.token(**claims, again=1))


async def test_a_flood_of_unknown_key_ids_costs_one_request_a_window(
    provider, verifier, new_signer, claims, clock
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await verifier.verify(signer.token(**claims))
    strangers = [new_signer("EdDSA").token(**claims) for _ in range(50)]
    for window in range(3):
        clock.advance(WINDOW_S)
        await asyncio.gather(*(refused(verifier, token) for token in strangers))
        assert provider.requests == 2 + window


async def test_old_keys_are_believed_while_the_provider_is_down_but_not_for_ever(
    provider, verifier, new_signer, claims, clock
):
    signer = new_signer()
    provider.keys = [signer.public()]
    token = signer.token(**claims)
    await verifier.verify(token)
    await provider.stop()
    for hours in (1, 22):
        clock.advance(3_600 * hours)
        assert await verifier.verify(token)
        assert await verifier.verify(signer.token(**claims, hours=hours))
    clock.advance(STALE_MAX_S - 23 * 3_600 + 1)
    with pytest.raises(IdentityUnavailableError):
        await verifier.verify(signer.token(**claims, last=1))
    with pytest.raises(IdentityUnavailableError):
        await verifier.verify(token)
    await provider.start()
    clock.advance(WINDOW_S)
    assert await verifier.verify(token)


async def test_a_provider_that_is_slow_to_answer_again_delays_nobody(
    provider, verifier, new_signer, claims, clock
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await verifier.verify(signer.token(**claims))
    provider.hold.clear()
    clock.advance(FRESH_S + 1)
    assert await verifier.verify(signer.token(**claims, n=1))
    assert await verifier.verify(signer.token(**claims, n=2))
    provider.hold.set()
    await settled(provider, 2)


@pytest.mark.parametrize(
    ("header", "after_s", "again"),
    [
        ("", 599, False),
        ("", 601, True),
        ("public, max-age=7200", 7_199, False),
        ("public, max-age=7200", 7_201, True),
        ("max-age=0", 59, False),
        ("max-age=0", 61, True),
        ("max-age=999999999", 86_399, False),
    ],
)
async def test_how_long_keys_are_fresh_says_the_provider_within_bounds(
    provider, verifier, new_signer, claims, clock, header, after_s, again
):
    signer = new_signer()
    provider.keys = [signer.public()]
    provider.headers = f"cache-control: {header}\r\n" if header else ""
    await verifier.verify(signer.token(**claims))
    clock.advance(after_s)
    await verifier.verify(signer.token(**claims, n=1))
    await settled(provider, 1 + again)
    assert provider.requests == 1 + again


async def test_a_token_without_a_key_id_is_of_the_only_key_that_fits(
    provider, verifier, new_signer, claims, clock
):
    signer, of_another_kind = new_signer("ES256", kid=None), new_signer("RS256")
    provider.keys = [of_another_kind.public(), signer.public()]
    assert await verifier.verify(signer.token(**claims))
    provider.keys.append(new_signer("ES256").public())
    clock.advance(FRESH_S + 1)
    await verifier.verify(of_another_kind.token(**claims))
    await settled(provider, 2)
    await refused(verifier, signer.token(**claims, n=1))


@pytest.mark.parametrize(
    "change", [{"use": "enc"}, {"key_ops": ["sign"]}, {"key_ops": "verify"}, {"d": "AQ"}]
)
async def test_a_key_that_is_not_for_verifying_is_passed_over(
    provider, verifier, new_signer, claims, change
):
    good, bad = new_signer(), new_signer()
    provider.keys = [good.public(), bad.public(**change)]
    await refused(verifier, bad.token(**claims))
    assert await verifier.verify(good.token(**claims))


# PyJWT warns where such a key signs.
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_weak_keys_secrets_and_what_is_no_key_are_passed_over(
    provider, verifier, new_signer, claims
):
    good, weak = new_signer(), new_signer("RS256", bits=1_024)
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s", "alg": "HS256"}
    broken = {"kty": "RSA", "n": "!", "e": "AQAB"}
    provider.keys = [weak.public(), secret, broken, {}, 5, good.public()]
    await refused(verifier, weak.token(**claims))
    assert await verifier.verify(good.token(**claims))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("500 Oops", None),
        ("302 Found", None),
        ("200 OK", b""),
        ("200 OK", b"<html>"),
        ("200 OK", b"[]"),
        ("200 OK", b'{"keys": {}}'),
        ("200 OK", b'{"keys": []}'),
        ("200 OK", b'{"keys": [5]}'),
        ("200 OK", b'{"keys": [' + b" " * MAX_BYTES + b"]}"),
    ],
)
async def test_what_is_no_key_set_changes_nothing(
    provider, verifier, new_signer, claims, clock, status, body
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await verifier.verify(signer.token(**claims))
    provider.status, provider.body = status, body
    clock.advance(FRESH_S + 1)
    assert await verifier.verify(signer.token(**claims, n=1))
    await settled(provider, 2)
    assert await verifier.verify(signer.token(**claims, n=2))


async def test_while_no_keys_are_known_nobody_is_told_that_a_token_is_bad(
    provider, verifier, new_signer, claims, clock
):
    signer = new_signer()
    provider.status = "503 Down"
    token = signer.token(**claims)
    for _ in range(2):
        with pytest.raises(IdentityUnavailableError):
            await verifier.verify(token)
    assert provider.requests == 1
    provider.status, provider.keys = "200 OK", [signer.public()]
    clock.advance(WINDOW_S)
    assert await verifier.verify(token)


async def test_what_is_being_fetched_ends_with_the_keys(provider, clock):
    provider.hold.clear()
    async with open_jwks(provider.url, ["ES256"], clock) as keys:
        waiting = asyncio.create_task(keys.find("k", "ES256"))
        await provider.asked.wait()
    with pytest.raises(asyncio.CancelledError):
        await waiting
