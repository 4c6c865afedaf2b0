"""The key of page tokens, as it is configured."""

import pytest

from dietcare.settings.load import SettingsError, load

KEY = "DIETCARE_PAGE_TOKEN_KEY"


@pytest.fixture
def env(monkeypatch):
    return monkeypatch.setenv


def problems():
    with pytest.raises(SettingsError) as wrong:
        load()
    return str(wrong.value).splitlines()


def test_with_a_secret_it_needs_no_setting(env):
    assert load().page_token_key is None
    env("DIETCARE_JWT_SECRET", "s" * 32)
    assert load().page_token_key is None


def test_with_only_a_public_key_it_is_required(env, rsa_pem):
    env("DIETCARE_JWT_PUBLIC_KEY", rsa_pem)
    env("DIETCARE_JWT_ALGORITHMS", "RS256")
    assert problems() == [f"{KEY}: is required where only a public key verifies tokens"]
    env(KEY, "k" * 32)
    assert load().page_token_key.get_secret_value() == "k" * 32


def test_a_short_one_is_refused_and_never_shown(env):
    env(KEY, "k" * 31)
    (problem,) = problems()
    assert problem == f"{KEY}: must have at least 32 characters"
    env(KEY, "k" * 32)
    assert "kkk" not in repr(load())
