"""Whose records a caller may touch."""

import pytest

from dietcare.auth.caller import Access, Caller, Scope
from dietcare.errors import PermissionDeniedError
from dietcare.messages import Language

READ, WRITE, ACCOUNT = Access.READ, Access.WRITE, Access.ACCOUNT


@pytest.fixture
def caller(user):
    def made(*scopes: Scope, subject: str = user) -> Caller:
        return Caller(subject, frozenset(scopes), expires_at=0)

    return made


@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize("scopes", [(), (Scope.READ,), (Scope.SERVICE,), (Scope.ADMIN,)])
def test_everybody_may_do_everything_with_their_own_records(caller, user, access, scopes):
    assert caller(*scopes).resolve(access, None) == user
    assert caller(*scopes).resolve(access, user) == user
    assert caller(*scopes).resolve(access, user.upper()) == user


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ((), set()),
        ((Scope.READ,), {READ}),
        ((Scope.SERVICE,), {READ, WRITE}),
        ((Scope.ADMIN,), {READ, WRITE, ACCOUNT}),
        ((Scope.READ, Scope.SERVICE), {READ, WRITE}),
    ],
)
@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize("subject", ["507f1f77bcf86cd799439011", "a clinic's tool"])
def test_a_scope_opens_the_records_of_others(caller, other, scopes, allowed, access, subject):
    who = caller(*scopes, subject=subject)

    if access in allowed:
        assert who.resolve(access, other.upper()) == other
    else:
        with pytest.raises(PermissionDeniedError):
            who.resolve(access, other)


@pytest.mark.parametrize("requested", ["", "x", "507f1f77bcf86cd79943901", "g" * 24, "0" * 25, " "])
@pytest.mark.parametrize("scopes", [(), (Scope.ADMIN,)])
def test_what_is_no_id_is_refused_before_whose_it_is(caller, refused, requested, scopes):
    with refused() as fields:
        caller(*scopes).resolve(READ, requested)

    assert fields == {"user_id": "must be 24 hexadecimal digits"}


def test_a_service_has_to_say_whom_it_means(caller, refused):
    with refused() as fields:
        caller(Scope.SERVICE, subject="importer").resolve(WRITE, None)

    assert fields == {"user_id": "is required"}


def test_the_refusal_is_the_same_whether_or_not_the_other_exists(caller, other):
    with pytest.raises(PermissionDeniedError) as caught:
        caller().resolve(READ, other)

    assert caught.value.message.render(Language.EN) == "You may not do this"
    assert other not in str(caught.value)
