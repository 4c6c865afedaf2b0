"""What production refuses, and which keys fit which algorithms."""

import secrets

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from dietcare.settings import Environment
from dietcare.settings.load import SettingsError
from dietcare.settings.tokens import weak_secret

PRODUCTION = {
    "DIETCARE_ENV": "production",
    "DIETCARE_MONGODB_URI": "mongodb://db.internal/?replicaSet=rs0",
    "DIETCARE_JWT_SECRET": "correct horse battery staple, 42",
    "DIETCARE_ADMIN_ADDRESS": "127.0.0.1:9090",
    "OPENAI_API_KEY": "sk-live",
}


def test_no_error_quotes_a_secret(loaded):
    with pytest.raises(SettingsError) as caught:
        loaded(DIETCARE_JWT_SECRET="hush", DIETCARE_ENV="production", OPENAI_API_KEY="sk-x")

    assert "hush" not in str(caught.value)
    assert "sk-x" not in str(caught.value)


def test_production_starts_with_everything_it_needs(loaded):
    assert loaded(**PRODUCTION).env is Environment.PRODUCTION


@pytest.mark.parametrize("missing", sorted(set(PRODUCTION) - {"DIETCARE_ENV"}))
def test_production_refuses_what_is_for_development(wrong, missing):
    assert set(wrong(**(PRODUCTION | {missing: ""}))) == {missing}


def test_production_refuses_everything_at_once_and_a_short_secret_too(wrong):
    assert len(wrong(DIETCARE_ENV="production")) == 4
    assert set(wrong(**(PRODUCTION | {"DIETCARE_JWT_SECRET": "x" * 31}))) == {"DIETCARE_JWT_SECRET"}


def test_production_takes_a_public_key_in_place_of_a_secret(loaded, rsa_pem):
    environment = PRODUCTION | {
        "DIETCARE_JWT_SECRET": "",
        "DIETCARE_JWT_PUBLIC_KEY": rsa_pem,
        "DIETCARE_JWT_ALGORITHMS": "RS256",
        "DIETCARE_PAGE_TOKEN_KEY": "paperclip tuesday 37 otter violet",
    }

    assert loaded(**environment).algorithms == ("RS256",)


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"DIETCARE_JWT_ALGORITHMS": "RS256"}, "DIETCARE_JWT_PUBLIC_KEY"),
        ({"DIETCARE_JWT_PUBLIC_KEY": "PEM"}, "DIETCARE_JWT_ALGORITHMS"),
        (
            {"DIETCARE_JWT_PUBLIC_KEY": "PEM", "DIETCARE_JWT_ALGORITHMS": "HS256,RS256"},
            "DIETCARE_JWT_ALGORITHMS",
        ),
        ({"DIETCARE_JWT_ALGORITHMS": "none"}, "DIETCARE_JWT_ALGORITHMS"),
        ({"DIETCARE_JWT_ALGORITHMS": "hs256"}, "DIETCARE_JWT_ALGORITHMS"),
        (
            {"DIETCARE_JWT_PUBLIC_KEY": "no PEM", "DIETCARE_JWT_ALGORITHMS": "RS256"},
            "DIETCARE_JWT_PUBLIC_KEY",
        ),
        (
            {"DIETCARE_JWT_PUBLIC_KEY": "PEM", "DIETCARE_JWT_ALGORITHMS": "ES256"},
            "DIETCARE_JWT_PUBLIC_KEY",
        ),
    ],
)
def test_key_and_algorithms_must_fit(wrong, rsa_pem, environment, variable):
    values = {name: rsa_pem if value == "PEM" else value for name, value in environment.items()}
    values["DIETCARE_PAGE_TOKEN_KEY"] = "k" * 32

    assert set(wrong(**values)) == {variable}


def test_a_private_key_is_no_public_key(wrong):
    private = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    said = wrong(
        DIETCARE_JWT_PUBLIC_KEY=private.decode(),
        DIETCARE_JWT_ALGORITHMS="ES256",
        DIETCARE_PAGE_TOKEN_KEY="k" * 32,
    )

    assert set(said) == {"DIETCARE_JWT_PUBLIC_KEY"}


@pytest.mark.parametrize("env", ["staging", "production"])
def test_the_simulators_failures_are_for_development(loaded, wrong, env):
    chosen = {"DIETCARE_SIMULATOR_MODE": "hang"}

    assert loaded(**chosen).simulator_mode == "hang"
    assert set(wrong(**(PRODUCTION | chosen | {"DIETCARE_ENV": env}))) == set(chosen)


@pytest.mark.parametrize(
    "secret",
    [
        "x" * 64,
        "ab" * 32,
        "aBcDeFgAbCdEfG" * 4,
        "0123456789abcdef" * 2,
        "Qz7-Lm2xQz7-Lm2xQz7-Lm2xQz7-Lm2x",
        "abcdefghijklmnopqrstuvwxyz012345",
        "99887766554433221100ffeeddccbbaa",
        "changeme, and this is very long 93",
        "my-Your-Secret-key-0123456789-abcdef",
        "a-string-secret-at-least-256-bits-long",
    ],
)
@pytest.mark.parametrize("variable", ["DIETCARE_JWT_SECRET", "DIETCARE_PAGE_TOKEN_KEY"])
def test_production_refuses_a_secret_that_is_easy_to_guess(wrong, secret, variable):
    said = wrong(**(PRODUCTION | {variable: secret}))
    assert said == {variable: "is too easy to guess for production"}


def test_production_takes_every_secret_that_was_drawn(loaded):
    for _ in range(200):
        for drawn in (secrets.token_hex(16), secrets.token_urlsafe(24), secrets.token_hex(32)):
            assert not weak_secret(drawn)


JWKS = PRODUCTION | {
    "DIETCARE_JWT_SECRET": "",
    "DIETCARE_JWT_JWKS_URL": "https://id.example/.well-known/jwks.json",
    "DIETCARE_JWT_ALGORITHMS": "ES256,EdDSA",
    "DIETCARE_PAGE_TOKEN_KEY": "paperclip tuesday 37 otter violet",
}


def test_production_takes_published_keys_in_place_of_a_secret(loaded):
    assert loaded(**JWKS).algorithms == ("ES256", "EdDSA")


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"DIETCARE_JWT_JWKS_URL": "http://127.0.0.1:1/jwks"}, "DIETCARE_JWT_JWKS_URL"),
        ({"DIETCARE_JWT_JWKS_URL": "http://id.example/jwks"}, "DIETCARE_JWT_JWKS_URL"),
        (
            {"DIETCARE_JWT_JWKS_URL": "http://localhost/jwks", "DIETCARE_ENV": "staging"},
            "DIETCARE_JWT_JWKS_URL",
        ),
        ({"DIETCARE_JWT_JWKS_URL": "file:///etc/passwd"}, "DIETCARE_JWT_JWKS_URL"),
        ({"DIETCARE_JWT_JWKS_URL": "https://user:pw@id.example/"}, "DIETCARE_JWT_JWKS_URL"),
        ({"DIETCARE_JWT_JWKS_URL": "id.example"}, "DIETCARE_JWT_JWKS_URL"),
        ({"DIETCARE_JWT_ALGORITHMS": ""}, "DIETCARE_JWT_ALGORITHMS"),
        ({"DIETCARE_PAGE_TOKEN_KEY": ""}, "DIETCARE_PAGE_TOKEN_KEY"),
    ],
)
def test_published_keys_must_be_had_safely(wrong, change, variable):
    assert set(wrong(**(JWKS | change))) == {variable}


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:1"])
def test_development_takes_published_keys_of_this_machine(loaded, wrong, host):
    local = JWKS | {"DIETCARE_ENV": "development", "DIETCARE_JWT_JWKS_URL": f"http://{host}/jwks"}
    assert loaded(**local).jwt_jwks_url == f"http://{host}/jwks"
    elsewhere = {"DIETCARE_JWT_JWKS_URL": f"http://{host}.example/jwks"}
    assert set(wrong(**(local | elsewhere))) == set(elsewhere)


@pytest.mark.parametrize("env", ["development", "production"])
def test_a_secret_and_public_keys_exclude_each_other(wrong, env):
    both = {"DIETCARE_JWT_SECRET": PRODUCTION["DIETCARE_JWT_SECRET"], "DIETCARE_ENV": env}
    assert set(wrong(**(JWKS | both))) == {"DIETCARE_JWT_SECRET"}


def test_a_weak_public_key_is_refused(wrong):
    weak = (
        rsa.generate_private_key(65_537, 1_024)  # noqa: S505 - weak is what it must be
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    chosen = {"DIETCARE_JWT_PUBLIC_KEY": weak, "DIETCARE_JWT_ALGORITHMS": "RS256"}
    assert set(wrong(**(JWKS | chosen | {"DIETCARE_JWT_JWKS_URL": ""}))) == {
        "DIETCARE_JWT_PUBLIC_KEY"
    }


def test_published_keys_and_a_key_of_ones_own_exclude_each_other(wrong, rsa_pem):
    both = JWKS | {"DIETCARE_JWT_PUBLIC_KEY": rsa_pem, "DIETCARE_JWT_ALGORITHMS": "RS256"}
    assert set(wrong(**both)) == {"DIETCARE_JWT_JWKS_URL"}
