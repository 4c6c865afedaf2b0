"""The tests of tokens can fail: each safeguard, switched off, makes one of them fail."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from dietcare.auth import tokens
from dietcare.auth.keys import Key, OneKey
from dietcare.auth.tokens import TokenVerifier
from dietcare.clock import Clock
from dietcare.errors import AuthenticationError

SECRET = "a secret that only this test knows, long enough also for the longest of hashes"
USER = "507f1f77bcf86cd799439011"
NOW = datetime(2025, 11, 27, 3, tzinfo=UTC)


class SetClock(Clock):
    def __init__(self):
        self.at = NOW

    def now(self):
        return self.at


def signed(algorithm="HS256", **claims):
    said = {"sub": USER, "exp": NOW.timestamp() + 60, **claims}
    return jwt.encode(said, SECRET, algorithm)


async def is_refused(verifier, token):
    with suppress(AuthenticationError):
        await verifier.verify(token)
        return False
    return True


class World:
    """A verifier with its keys and its clock."""

    def __init__(self, keys=None):
        self.clock = SetClock()
        self.keys = keys or OneKey(SECRET, ("HS256",))
        self.verifier = TokenVerifier(self.keys, self.clock)


async def an_expired_token_is_refused(world):
    return await is_refused(world.verifier, signed(exp=NOW.timestamp() - 31))


async def a_remembered_token_is_refused_once_it_has_expired(world):
    token = signed()
    await world.verifier.verify(token)
    world.clock.at += timedelta(minutes=5)
    return await is_refused(world.verifier, token)


async def a_token_without_an_end_is_refused(world):
    return await is_refused(world.verifier, jwt.encode({"sub": USER}, SECRET, "HS256"))


async def a_token_that_does_not_hold_yet_is_refused(world):
    return await is_refused(world.verifier, signed(nbf=NOW.timestamp() + 31))


async def an_algorithm_that_is_not_configured_is_refused(world):
    return await is_refused(world.verifier, signed("HS512"))


async def a_remembered_token_is_refused_once_its_key_is_withdrawn(world):
    token = signed()
    await world.verifier.verify(token)
    world.keys._key = Key("another secret, of more than enough characters", ("HS256",))
    return await is_refused(world.verifier, token)


async def a_token_of_another_kind_is_refused(world):
    said = {"sub": USER, "exp": NOW.timestamp() + 60}
    return await is_refused(
        world.verifier, jwt.encode(said, SECRET, "HS256", {"typ": "logout+jwt"})
    )


async def a_token_written_in_another_way_is_refused(world):
    return await is_refused(world.verifier, signed() + "=")


SCENARIOS = (
    an_expired_token_is_refused,
    a_remembered_token_is_refused_once_it_has_expired,
    a_token_without_an_end_is_refused,
    a_token_that_does_not_hold_yet_is_refused,
    an_algorithm_that_is_not_configured_is_refused,
    a_remembered_token_is_refused_once_its_key_is_withdrawn,
    a_token_of_another_kind_is_refused,
    a_token_written_in_another_way_is_refused,
)


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_with_every_safeguard_in_place(scenario):
    assert await scenario(World())


class TakesTheTokensWord(OneKey):
    """The algorithm list switched off: what the token names is used."""

    async def find(self, kid, algorithm):
        return Key(SECRET, (algorithm,))

    def holds(self, key):
        return True


class ForgetsNoKey(OneKey):
    """The withdrawal of keys switched off."""

    def holds(self, key):
        return True


def without_expiry(monkeypatch):
    decode = jwt.decode
    monkeypatch.setattr(
        tokens.jwt, "decode", lambda *given, **named: decode(*given, **named) | {"exp": 4e9}
    )


def without_required_claims(monkeypatch):
    decode = jwt.decode

    def lenient(*given, options, **named):
        return {"exp": 4e9, **decode(*given, options=options | {"require": []}, **named)}

    monkeypatch.setattr(tokens.jwt, "decode", lenient)


def without_skew(monkeypatch):
    monkeypatch.setattr(tokens, "CLOCK_SKEW_S", 10**9)


class Any:
    """Has everything in it, and matches everything."""

    def __contains__(self, _kind):
        return True

    def fullmatch(self, _token):
        return True


def without_kinds(monkeypatch):
    monkeypatch.setattr(tokens, "KINDS", Any())


def without_form(monkeypatch):
    monkeypatch.setattr(tokens, "_FORM", Any())


@pytest.mark.parametrize(
    ("scenario", "off"),
    [
        (an_expired_token_is_refused, without_expiry),
        (a_remembered_token_is_refused_once_it_has_expired, without_skew),
        (a_token_without_an_end_is_refused, without_required_claims),
        (a_token_that_does_not_hold_yet_is_refused, without_skew),
    ],
)
async def test_without_the_check_of_times(monkeypatch, scenario, off):
    off(monkeypatch)
    assert not await scenario(World())


@pytest.mark.parametrize(
    ("scenario", "off"),
    [
        (a_token_of_another_kind_is_refused, without_kinds),
        (a_token_written_in_another_way_is_refused, without_form),
    ],
)
async def test_without_the_check_of_form(monkeypatch, scenario, off):
    off(monkeypatch)
    assert not await scenario(World())


@pytest.mark.parametrize(
    ("scenario", "keys"),
    [
        (an_algorithm_that_is_not_configured_is_refused, TakesTheTokensWord),
        (a_remembered_token_is_refused_once_its_key_is_withdrawn, ForgetsNoKey),
    ],
)
async def test_without_the_check_of_keys(scenario, keys):
    assert not await scenario(World(keys(SECRET, ("HS256",))))
