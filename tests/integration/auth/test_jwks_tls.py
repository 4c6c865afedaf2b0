"""Keys over HTTPS: the provider must be who it says, by an authority that is trusted."""

import ssl

import pytest
from certificates import Authority

from dietcare.auth.jwks import open_jwks
from dietcare.auth.tokens import TokenVerifier
from dietcare.errors import IdentityUnavailableError


@pytest.fixture
async def served(provider, tmp_path):
    """Serves HTTPS with a certificate of the authority for these names."""

    async def serve(authority, *names):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue(*names).written(tmp_path))
        await provider.stop()
        provider.tls = context
        await provider.start()

    return serve


@pytest.fixture
def trusted(monkeypatch, tmp_path) -> Authority:
    """An authority of one's own, as operators make it known."""
    authority = Authority()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.written(tmp_path)))
    return authority


@pytest.fixture
def verify(provider, clock, new_signer, claims):
    """Publishes a key, and verifies a token with what is fetched."""
    signer = new_signer()
    provider.keys = [signer.public()]

    async def verified():
        async with open_jwks(provider.url, ["ES256"], clock) as keys:
            return await TokenVerifier(keys, clock).verify(signer.token(**claims))

    return verified


async def test_an_authority_of_ones_own_is_believed(served, trusted, verify, claims, provider):
    await served(trusted, "127.0.0.1")
    assert provider.url.startswith("https://")
    assert (await verify()).subject == claims["sub"]


async def test_an_authority_that_nobody_trusts_is_not_believed(served, trusted, verify, provider):
    await served(Authority("another"), "127.0.0.1")
    with pytest.raises(IdentityUnavailableError):
        await verify()
    assert provider.requests == 0


async def test_a_certificate_for_another_host_is_not_believed(served, trusted, verify, provider):
    await served(trusted, "id.example", "127.0.0.2")
    with pytest.raises(IdentityUnavailableError):
        await verify()
    assert provider.requests == 0


async def test_a_redirect_is_not_followed(served, trusted, verify, provider):
    await served(trusted, "127.0.0.1")
    provider.status = "307 Elsewhere"
    provider.headers = f"location: {provider.url}/other\r\n"
    with pytest.raises(IdentityUnavailableError):
        await verify()
    assert provider.requests == 1
