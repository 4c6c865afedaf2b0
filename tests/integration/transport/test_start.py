"""What the service says of TLS when it starts."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from dietcare.panel import panel


@pytest.fixture
def said():
    """The warnings of the service itself, about TLS."""

    def found(logs):
        return [each["event"] for each in logs if "TLS" in each["event"]]

    return found


@pytest.mark.parametrize(
    ("env", "warnings"), [("production", 1), ("staging", 1), ("development", 0)]
)
async def test_plain_text_is_warned_of_loudly_outside_of_development(
    start_plain, said, env, warnings
):
    with capture_logs() as logs:
        async with start_plain(env=env):
            pass
    assert len(said(logs)) == warnings
    assert [each["log_level"] for each in logs if "TLS" in each["event"]] == ["warning"] * warnings


async def test_with_a_certificate_nothing_is_warned_of(secure, said):
    with capture_logs() as logs:
        async with secure(env="production"):
            pass
    assert said(logs) == []


async def test_a_certificate_that_ends_within_fourteen_days_is_warned_of(secure, caplog):
    async with secure(ends_in=timedelta(days=13)):
        pass
    (line,) = [each.getMessage() for each in caplog.records if each.name == "gateway.tls"]
    assert line.startswith("the certificate ends at ")


async def test_the_panel_asks_for_a_certificate_of_clients_only_where_one_is_needed(secure):
    async with secure() as secured:
        text = panel(secured.app, secured.addresses)
    assert f"grpcurl -cacert {secured.mount.folder}/tls.crt -H" in text
    assert f"--cacert {secured.mount.folder}/tls.crt" in text
    assert "http://" not in text
