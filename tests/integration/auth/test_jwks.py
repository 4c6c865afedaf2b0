"""Keys that an identity provider publishes: fetched when needed, rotated, withdrawn."""

import asyncio
from itertools import pairwise

import pytest

from dietcare.auth.jwks import FRESH_S, WINDOW_S


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
    provider, refused, new_signer, claims
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await refused(new_signer(kid=signer.kid).token(**claims))


async def test_a_key_verifies_its_own_algorithm_alone(provider, refused, new_signer, claims):
    signer = new_signer("ES256")
    provider.keys = [signer.public()]
    await refused(new_signer("RS256", kid=signer.kid).token(**claims))


async def test_a_key_is_used_from_the_moment_that_it_is_published(
    provider, verifier, new_signer, claims, clock
):
    old, new = new_signer(), new_signer()
    provider.keys = [old.public()]
    await verifier.verify(old.token(**claims))
    provider.keys = [old.public(), new.public()]
    for signer in (new, old, new):
        assert await verifier.verify(signer.token(**claims))
    assert provider.requests == 2


async def test_a_key_published_while_older_ones_were_on_their_way_is_used_too(
    provider, verifier, new_signer, claims, clock, settled
):
    old, new = new_signer(), new_signer()
    provider.keys = [old.public()]
    await verifier.verify(old.token(**claims))
    provider.hold.clear()
    provider.asked.clear()
    clock.advance(FRESH_S + 1)
    await verifier.verify(old.token(**claims))  # has the keys fetched, without the new one
    await provider.asked.wait()
    provider.keys = [old.public(), new.public()]
    verifying = asyncio.create_task(verifier.verify(new.token(**claims)))
    provider.hold.set()
    assert await verifying
    assert provider.requests == 3


async def test_rotation_under_load_fails_no_call(
    provider, verifier, new_signer, claims, clock, settled
):
    signers = [new_signer() for _ in range(4)]
    provider.keys = [signers[0].public()]
    for generation, (old, new) in enumerate(pairwise(signers)):
        provider.keys = [old.public(), new.public()]
        clock.advance(WINDOW_S)
        tokens = [
            signer.token(**claims, n=n, generation=generation)
            for n in range(20)
            for signer in (old, new)
        ]
        assert all(await asyncio.gather(*map(verifier.verify, tokens)))
        provider.keys = [new.public()]
        clock.advance(FRESH_S + 1)
        assert all(await asyncio.gather(*map(verifier.verify, tokens[1::2])))
        await settled(2 * generation + 2)
    assert provider.requests == 2 * len(signers) - 2


async def test_a_key_that_is_withdrawn_verifies_nothing_any_more(
    provider, verifier, refused, new_signer, claims, clock, settled
):
    old, new = new_signer(), new_signer()
    provider.keys = [old.public(), new.public()]
    remembered, kept = old.token(**claims), new.token(**claims)
    await verifier.verify(remembered)
    caller = await verifier.verify(kept)
    provider.keys = [new.public()]
    clock.advance(FRESH_S + 1)
    await verifier.verify(remembered)  # remembered as it is, it has the keys fetched anew
    await settled(2)
    await refused(remembered)
    await refused(old.token(**claims, again=1))
    assert await verifier.verify(kept) is caller


async def test_another_key_under_the_same_id_takes_its_place(
    provider, verifier, refused, new_signer, claims, clock, settled
):
    old = new_signer()
    new = new_signer(kid=old.kid)
    provider.keys = [old.public()]
    remembered = old.token(**claims)
    await verifier.verify(remembered)
    provider.keys = [new.public()]
    clock.advance(FRESH_S + 1)
    await verifier.verify(remembered)
    await settled(2)
    assert await verifier.verify(new.token(**claims))
    await refused(remembered)


async def test_a_flood_of_unknown_key_ids_costs_one_request_a_window(
    provider, verifier, refused, new_signer, claims, clock
):
    signer = new_signer()
    provider.keys = [signer.public()]
    await verifier.verify(signer.token(**claims))
    strangers = [new_signer("EdDSA").token(**claims) for _ in range(50)]
    for window in range(3):
        await asyncio.gather(*map(refused, strangers))
        assert provider.requests == 2 + window
        clock.advance(WINDOW_S - 1)
        await refused(strangers[0])
        assert provider.requests == 2 + window
        clock.advance(1)


async def test_an_algorithm_that_is_not_configured_costs_no_request(
    provider, refused, new_signer, claims
):
    provider.keys = [new_signer().public()]
    await refused("eyJhbGciOiJub25lIiwia2lkIjoieCJ9.e30.e30")  # none
    await refused("eyJhbGciOiJIUzI1NiIsImtpZCI6IngifQ.e30.e30")  # HS256
    assert provider.requests == 0


@pytest.mark.parametrize(
    ("header", "after_s", "again"),
    [
        ("", 599, False),
        ("", 601, True),
        ("public, max-age=7200", 7_199, False),
        ("public, max-age=7200", 7_201, True),
        ("s-maxage=7200", 601, True),
        ("max-age=0", 59, False),
        ("max-age=0", 61, True),
        ("max-age=999999999", 86_399, False),
        ("max-age=-1, no-cache", 601, True),
    ],
)
async def test_how_long_keys_are_fresh_says_the_provider_within_bounds(
    provider, verifier, new_signer, claims, clock, settled, header, after_s, again
):
    signer = new_signer()
    provider.keys = [signer.public()]
    provider.headers = f"cache-control: {header}\r\n" if header else ""
    await verifier.verify(signer.token(**claims))
    clock.advance(after_s)
    await verifier.verify(signer.token(**claims, n=1))
    await settled(1 + again)
    assert provider.requests == 1 + again


async def test_a_token_without_a_key_id_is_of_the_only_key_that_fits(
    provider, verifier, refused, new_signer, claims, clock, settled
):
    signer, of_another_kind = new_signer("ES256", kid=None), new_signer("RS256")
    provider.keys = [of_another_kind.public(), signer.public(kid="one")]
    assert await verifier.verify(signer.token(**claims))
    provider.keys.append(new_signer("ES256").public())
    clock.advance(FRESH_S + 1)
    await verifier.verify(of_another_kind.token(**claims))
    await settled(2)
    await refused(signer.token(**claims, n=1))
