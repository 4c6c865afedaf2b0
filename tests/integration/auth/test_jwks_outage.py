"""An identity provider that is down: old keys are believed for a while; without any nobody is told
that a token is bad.
"""

import asyncio

import pytest

from dietcare.auth import jwks
from dietcare.auth.jwks import FRESH_S, RETRY_S, STALE_MAX_S, open_jwks
from dietcare.auth.tokens import TokenVerifier
from dietcare.errors import IdentityUnavailableError


@pytest.fixture
def unknowable(verifier):
    """Sees that nobody can tell of a token whether it is good."""

    async def see(token):
        with pytest.raises(IdentityUnavailableError):
            await verifier.verify(token)

    return see


async def test_old_keys_are_believed_while_the_provider_is_down_but_not_for_ever(
    provider, verifier, unknowable, new_signer, claims, clock
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
    await unknowable(signer.token(**claims, last=1))
    await unknowable(token)
    await provider.start()
    clock.advance(RETRY_S + 1)
    assert await verifier.verify(token)


async def test_a_provider_that_is_slow_to_answer_again_delays_nobody(
    provider, verifier, new_signer, claims, clock, settled
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await verifier.verify(signer.token(**claims))
    provider.hold.clear()
    clock.advance(FRESH_S + 1)
    assert await verifier.verify(signer.token(**claims, n=1))
    assert await verifier.verify(signer.token(**claims, n=2))
    provider.hold.set()
    await settled(2)


async def test_a_key_id_that_is_not_known_may_be_new_while_the_provider_is_down(
    provider, verifier, unknowable, new_signer, claims, clock
):
    old, new = new_signer(), new_signer()
    provider.keys = [old.public()]
    await verifier.verify(old.token(**claims))
    provider.status = "503 Down"
    for _ in range(2):
        await unknowable(new.token(**claims))
    assert provider.requests == 2
    provider.status, provider.keys = "200 OK", [old.public(), new.public()]
    clock.advance(jwks.WINDOW_S)
    assert await verifier.verify(new.token(**claims))


async def test_while_no_keys_are_known_nobody_is_told_that_a_token_is_bad(
    provider, verifier, keys, unknowable, new_signer, claims, clock
):
    signer = new_signer()
    provider.status = "503 Down"
    token = signer.token(**claims)
    for _ in range(2):
        await unknowable(token)
        assert not await keys.ready()
    assert provider.requests == 1
    provider.status, provider.keys = "200 OK", [signer.public()]
    clock.advance(RETRY_S + 1)
    assert await verifier.verify(token)


async def test_keys_that_were_known_once_are_ready(provider, keys, new_signer, clock):
    assert keys.known_at_s == 0
    provider.keys = [new_signer().public()]
    assert await keys.ready()
    assert keys.known_at_s == clock.now().timestamp()
    await provider.stop()
    clock.advance(STALE_MAX_S + 1)
    assert await keys.ready()  # no other process knows more


@pytest.mark.parametrize("trickles", [False, True])
async def test_a_provider_that_does_not_come_to_an_end_is_down(
    monkeypatch, provider, unknowable, new_signer, claims, trickles
):
    monkeypatch.setattr(jwks, "FETCH_TIMEOUT_S", 0.05)
    provider.trickles = trickles
    if not trickles:
        provider.hold.clear()
    async with asyncio.timeout(10):
        await unknowable(new_signer().token(**claims))


async def test_a_provider_that_withdraws_every_key_is_believed(
    provider, verifier, unknowable, new_signer, claims, clock, settled
):
    signer = new_signer()
    provider.keys = [signer.public()]
    token = signer.token(**claims)
    await verifier.verify(token)
    provider.keys = []
    clock.advance(FRESH_S + 1)
    await verifier.verify(token)
    await settled(2)
    await unknowable(token)
    provider.keys = [signer.public()]
    clock.advance(RETRY_S + 1)
    assert await verifier.verify(token)


async def test_who_waits_for_keys_when_the_service_ends_is_answered(provider, clock, new_signer):
    provider.hold.clear()
    async with open_jwks(provider.url, ["ES256"], clock) as keys:
        verifier = TokenVerifier(keys, clock)
        waiting = asyncio.create_task(verifier.verify(new_signer().token(sub="x", exp=0)))
        await provider.asked.wait()
    with pytest.raises(IdentityUnavailableError):
        await waiting
