"""What `make run` prints when the service is ready: where it is, and what to paste."""

import shlex
import sys
from datetime import timedelta
from pathlib import Path

from dietcare.app import App
from dietcare.auth.tokens import issue
from dietcare.clock import SystemClock
from dietcare.grpc_server import SERVICE
from dietcare.local.sample import SAMPLE_USER
from dietcare.serving import Addresses
from dietcare.settings import Settings

TOKEN_TTL = timedelta(hours=12)


def panel(app: App, addresses: Addresses) -> str:
    """The text of the panel, one fact a line, each command on one line."""
    lines = [
        "",
        "DietCare is ready.",
        "",
        f"  gRPC         {addresses.grpc}",
    ]
    if addresses.http:
        lines += [
            f"  REST         {_scheme(app.settings)}://{addresses.http}/api/diet",
            f"  API docs     {_scheme(app.settings)}://{addresses.http}/docs",
        ]
    lines += [
        f"  storage      {app.backend.name}",
        f"  vision       {app.settings.vision_model}",
    ]
    if app.settings.is_development and app.settings.jwt_secret is not None:
        lines += _try_it(development_token(app.settings, SAMPLE_USER), addresses, app.settings)
    return "\n".join([*lines, "", "Ctrl-C stops it.", ""])


def development_token(
    settings: Settings,
    subject: str,
    *,
    scope: str = "",
    time_zone: str | None = None,
    ttl: timedelta = TOKEN_TTL,
) -> str:
    """A token for the service that has the same secret."""
    if settings.jwt_secret is None:
        raise AssertionError("only for services with a secret")
    return issue(
        settings.jwt_secret.get_secret_value(),
        settings.algorithms[0],
        subject,
        expires_at=(SystemClock().now() + ttl).timestamp(),
        scope=scope,
        time_zone=time_zone,
    )


def _try_it(token: str, addresses: Addresses, settings: Settings) -> list[str]:
    url = f"{_scheme(settings)}://{addresses.http}"
    believed = f"--cacert {_quoted(settings.tls_cert)} " if settings.tls_cert else ""
    header = f'-H "authorization: Bearer {token}"'
    lines = [f"  sample user  {SAMPLE_USER}", f"  token        {token}", "", "Try it:", ""]
    if addresses.http:
        lines += [f"  curl -s {believed}{header} {url}/api/diet/streak", ""]
    secured = _secured(settings)
    lines += [f"  {_tool('grpcurl')} {secured} {header} {addresses.grpc} {SERVICE}/GetStreak", ""]
    if addresses.http:
        lines += [f"  {_tool('python')} -m webbrowser {url}/docs", ""]
    return lines


def _secured(settings: Settings) -> str:
    """How grpcurl is told about TLS: a certificate vouches for itself."""
    if settings.tls_cert is None:
        return "-plaintext"
    shown = " -cert CLIENT.crt -key CLIENT.key" if settings.tls_client_ca else ""
    return f"-cacert {_quoted(settings.tls_cert)}{shown}"


def _scheme(settings: Settings) -> str:
    return "https" if settings.has_tls else "http"


def _quoted(file: Path) -> str:
    return shlex.quote(str(file))


def _tool(name: str) -> str:
    """A command of this installation, as it can be pasted into a shell in this folder."""
    installed = Path(sys.prefix) / "bin" / name
    if not installed.exists():
        return name
    here = Path.cwd()
    return str(installed.relative_to(here) if installed.is_relative_to(here) else installed)
