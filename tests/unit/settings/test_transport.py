"""Certificates and origins in the settings: what is wrong is told by variable, in one line each."""

from datetime import timedelta

import pytest
from certificates import Authority

PRODUCTION = {
    "DIETCARE_ENV": "production",
    "DIETCARE_MONGODB_URI": "mongodb://db.internal/?replicaSet=rs0",
    "DIETCARE_JWT_SECRET": "correct horse battery staple, 42",
    "DIETCARE_ADMIN_ADDRESS": "127.0.0.1:9090",
    "OPENAI_API_KEY": "sk-live",
}
AUTHORITY = Authority()
GOOD = AUTHORITY.issue("127.0.0.1")


@pytest.fixture
def pair(tmp_path):
    """Writes a pair, and gives the variables that name it."""

    def write(issued=GOOD, **more):
        chain, key = issued.written(tmp_path)
        return {"DIETCARE_TLS_CERT": str(chain), "DIETCARE_TLS_KEY": str(key), **more}

    return write


def test_without_certificates_there_is_no_tls(loaded):
    settings = loaded(DIETCARE_TLS_CERT="", DIETCARE_TLS_KEY="", DIETCARE_TLS_CLIENT_CA="")
    assert not settings.has_tls
    assert settings.certificates() is None


def test_a_pair_and_authorities_of_clients_are_taken(loaded, pair, tmp_path):
    settings = loaded(**pair(DIETCARE_TLS_CLIENT_CA=str(AUTHORITY.written(tmp_path))))
    assert settings.has_tls
    assert settings.certificates() is not None


@pytest.mark.parametrize("given", ["CERT", "KEY"])
def test_a_certificate_and_its_key_go_together(wrong, pair, given):
    variables = pair()
    (missing,) = {"CERT", "KEY"} - {given}
    said = wrong(**{f"DIETCARE_TLS_{given}": variables[f"DIETCARE_TLS_{given}"]})
    assert said == {f"DIETCARE_TLS_{missing}": "is required: a certificate and its key go together"}


def test_authorities_of_clients_alone_are_not_enough(wrong, tmp_path):
    said = wrong(DIETCARE_TLS_CLIENT_CA=str(AUTHORITY.written(tmp_path)))
    assert said == {"DIETCARE_TLS_CERT": "is required for DIETCARE_TLS_CLIENT_CA"}


@pytest.mark.parametrize("variable", ["CERT", "KEY", "CLIENT_CA"])
def test_a_file_that_is_not_there_is_named_with_its_variable(wrong, pair, tmp_path, variable):
    gone = str(tmp_path / "gone.pem")
    assert wrong(**(pair() | {f"DIETCARE_TLS_{variable}": gone})) == {
        f"DIETCARE_TLS_{variable}": f"{gone} can not be read: no such file or directory"
    }


@pytest.mark.parametrize(
    ("issued", "variable", "reason"),
    [
        (AUTHORITY.issue("a", ends_in=-timedelta(hours=1)), "DIETCARE_TLS_CERT", "ended at 20"),
        (AUTHORITY.issue("a", password=b"hush"), "DIETCARE_TLS_KEY", "is encrypted: a key "),
    ],
)
def test_a_pair_that_can_not_serve_is_said_in_one_line(wrong, pair, issued, variable, reason):
    (told,) = wrong(**pair(issued)).items()
    assert told[0] == variable
    assert reason in told[1]


def test_a_key_of_another_certificate_is_told(wrong, pair, tmp_path):
    variables = pair()
    _, other = AUTHORITY.issue("a").written(tmp_path, "other")
    variables["DIETCARE_TLS_KEY"] = str(other)
    assert wrong(**variables) == {
        "DIETCARE_TLS_KEY": f"{other} is not the key of {variables['DIETCARE_TLS_CERT']}"
    }


def test_a_key_that_holds_something_else_is_not_quoted(wrong, pair, tmp_path):
    variables = pair()
    (tmp_path / "tls.key").write_bytes(b"-----BEGIN PRIVATE KEY-----\nhush\n")
    (said,) = wrong(**variables).values()
    assert said.endswith("holds no private key in PEM")
    assert "hush" not in said


def test_origins_are_a_list(loaded):
    settings = loaded(DIETCARE_CORS_ORIGINS="https://app.example, http://localhost:3000")
    assert settings.cors_origins == ("https://app.example", "http://localhost:3000")


@pytest.mark.parametrize("origin", ["null", "https://app.example/", "app.example", "https://*.a"])
def test_what_is_no_origin_is_refused(wrong, origin):
    said = wrong(DIETCARE_CORS_ORIGINS=f"https://app.example,{origin}")
    assert said == {"DIETCARE_CORS_ORIGINS": f"{origin} is no origin like https://app.example"}


def test_any_origin_is_for_development(loaded, wrong):
    assert loaded(DIETCARE_CORS_ORIGINS="*").cors_origins == ("*",)
    assert set(wrong(**PRODUCTION, DIETCARE_CORS_ORIGINS="*")) == {"DIETCARE_CORS_ORIGINS"}


def test_production_may_leave_tls_to_what_is_in_front(loaded):
    assert not loaded(**PRODUCTION).has_tls
