"""Which origins an allow-list may name."""

import pytest

from gateway import GatewayOptions
from gateway.failures import GatewayConfigError
from gateway.origins import is_origin


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example",
        "https://app.example:8443",
        "http://localhost:3000",
        "http://127.0.0.1:5173",
        "http://[::1]:8080",
        "https://xn--3e0b707e.example",
    ],
)
def test_an_origin_as_browsers_write_it(origin):
    assert is_origin(origin)
    assert GatewayOptions(cors_origins=(origin,)).cors_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "app.example",
        "//app.example",
        "https://",
        "https://app.example/",
        "https://app.example/path",
        "https://app.example?",
        "https://App.example",
        "HTTPS://app.example",
        "https://app.example:443",
        "http://app.example:80",
        "https://app.example:",
        "https://app.example:0",
        "https://app.example:070",
        "https://app.example:65536",
        "https://user@app.example",
        "https://*.example",
        "https://.example",
        "https://app..example",
        "https://한국.example",
        "https://app.example\n",
        "https://[::0001]",
        "https://[1:2]",
        "ftp://app.example",
        "*.app.example",
    ],
)
def test_what_no_browser_writes_is_refused(origin):
    assert not is_origin(origin)
    with pytest.raises(GatewayConfigError, match="is no origin"):
        GatewayOptions(cors_origins=(origin,))
