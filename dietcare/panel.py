"""What `make run` prints when the service is ready: where it is, and what to paste."""

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
            f"  REST         http://{addresses.http}/api/diet",
            f"  API docs     http://{addresses.http}/docs",
        ]
    lines += [
        f"  storage      {app.backend.name}",
        f"  vision       {app.settings.vision_model}",
    ]
    if app.settings.is_development and app.settings.jwt_secret is not None:
        lines += _try_it(development_token(app.settings, SAMPLE_USER), addresses)
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


def _try_it(token: str, addresses: Addresses) -> list[str]:
    header = f'-H "authorization: Bearer {token}"'
    lines = [f"  sample user  {SAMPLE_USER}", f"  token        {token}", "", "Try it:", ""]
    if addresses.http:
        lines += [f"  curl -s {header} http://{addresses.http}/api/diet/streak", ""]
    lines += [f"  {_tool('grpcurl')} -plaintext {header} {addresses.grpc} {SERVICE}/GetStreak", ""]
    if addresses.http:
        lines += [f"  {_tool('python')} -m webbrowser http://{addresses.http}/docs", ""]
    return lines


def _tool(name: str) -> str:
    """A command of this installation, as it can be pasted into a shell in this folder."""
    installed = Path(sys.prefix) / "bin" / name
    if not installed.exists():
        return name
    here = Path.cwd()
    return str(installed.relative_to(here) if installed.is_relative_to(here) else installed)
