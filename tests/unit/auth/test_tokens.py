"""Which claims are accepted, and whom a token speaks for."""

import pytest

from dietcare.auth.caller import Scope
from dietcare.auth.tokens import TokenVerifier, issue
from dietcare.errors import AuthenticationError

NOW = 1_764_212_400  # 2025-11-27T03:00:00Z


def test_a_good_token_speaks_for_its_subject(verifier, sign, user):
    token = sign(scope="diet:read openid diet:service", zoneinfo="Asia/Tokyo", locale="en-US")

    caller = verifier.verify(token)

    assert caller.subject == user
    assert caller.scopes == {Scope.READ, Scope.SERVICE}
    assert (caller.time_zone, caller.locale) == ("Asia/Tokyo", "en-US")
    assert caller.expires_at == NOW + 3_600


def test_a_patients_token_has_no_scope_and_an_id_in_lower_case(verifier, sign, user):
    caller = verifier.verify(sign(sub=user.upper()))

    assert (caller.subject, caller.scopes) == (user, frozenset())
    assert (caller.time_zone, caller.locale) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": 1e30},
        {"exp": 10**400},
        {"exp": str(NOW + 3_600)},
        {"exp": "never"},
        {"exp": True},
        {"exp": -1},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": [NOW + 3_600]},
        {"exp": NOW - 30},
        {"exp": 0},
        {"nbf": NOW + 31},
        {"nbf": "now"},
        {"nbf": 1e30},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "a clinic's tool"},  # without a scope only patients call
        {"sub": "507f1f77bcf86cd79943901"},
        {"sub": "x" * 129, "scope": "diet:read"},
        {"sub": "", "scope": "diet:admin"},
        {"sub": "tool", "scope": "diet:reader"},
        {"scope": ["diet:read"]},
        {"scope": 7},
    ],
)
def test_claims_that_are_not_accepted(verifier, sign, changes):
    with pytest.raises(AuthenticationError):
        verifier.verify(sign(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 29},  # clocks differ by up to 30 seconds
        {"exp": NOW + 0.5},
        {"exp": 253_402_300_799},
        {"nbf": NOW + 30},
        {"nbf": NOW - 1},
        {"iat": NOW + 9_999},
        {"sub": "x" * 128, "scope": "diet:read"},
        {"sub": "진료실 도구", "scope": "diet:admin"},
        {"aud": "another", "iss": "anybody"},  # verified only when configured
        {"scope": ""},
        {"scope": "diet:read-all diet:readdiet:admin"},
    ],
)
def test_claims_that_are_accepted(verifier, sign, changes):
    assert verifier.verify(sign(**changes))


def test_a_scope_is_a_whole_word(verifier, sign):
    assert verifier.verify(sign(scope="diet:readers xdiet:admin diet:service")).scopes == {
        Scope.SERVICE
    }


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "localtime", 9, None])
def test_a_zone_that_does_not_exist_is_left_out(verifier, sign, zone):
    assert verifier.verify(sign(zoneinfo=zone)).time_zone is None


@pytest.mark.parametrize(
    ("iss", "aud", "accepted"),
    [
        ("https://id.example", "dietcare", True),
        ("https://id.example", ["other", "dietcare"], True),
        ("https://id.example/", "dietcare", False),
        ("https://id.example", "other", False),
        ("https://id.example", None, False),
        (None, "dietcare", False),
        (None, None, False),
    ],
)
def test_issuer_and_audience_are_verified_when_configured(
    sign, secret, clock, iss, aud, accepted, user
):
    verifier = TokenVerifier(
        secret, ["HS256"], clock, issuer="https://id.example", audience="dietcare"
    )
    token = sign(iss=iss, aud=aud)

    if accepted:
        assert verifier.verify(token).subject == user
    else:
        with pytest.raises(AuthenticationError):
            verifier.verify(token)


def test_a_remembered_token_expires_too(verifier, sign, clock):
    token = sign(exp=NOW + 60)
    assert verifier.verify(token) is verifier.verify(token)

    clock.advance(seconds=89.999)
    assert verifier.verify(token)
    clock.advance(milliseconds=1)
    for _ in range(2):
        with pytest.raises(AuthenticationError):
            verifier.verify(token)


def test_an_issued_token_is_accepted(verifier, secret, user):
    plain = issue(secret, "HS256", user, expires_at=NOW + 60.9)
    rich = issue(
        secret, "HS256", "tool", expires_at=NOW + 60, scope="diet:admin", time_zone="Asia/Tokyo"
    )

    assert verifier.verify(plain).expires_at == NOW + 60
    assert verifier.verify(rich).scopes == {Scope.ADMIN}
    assert verifier.verify(rich).time_zone == "Asia/Tokyo"
