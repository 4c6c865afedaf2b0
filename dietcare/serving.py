"""Listens: the app over gRPC, over HTTP, and for operators, in one event loop."""

import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import structlog

from dietcare.api.pages import admin_pages, probe_pages, sample_pages
from dietcare.app import App
from dietcare.grpc_server import SERVICE, grpc_server
from dietcare.settings import Settings
from dietcare.v1 import service_pb2_grpc
from gateway import Api, Gateway, GatewayOptions, LocalDispatcher, Page
from gateway.docs import documentation_pages
from gateway.http_server import listening
from gateway.openapi import Info
from gateway.tls import Certificates

CONTRACT = Path(__file__).parent / "v1" / "contract.binpb"
SAMPLES = Path(__file__).parent.parent / "samples"
_log = structlog.get_logger("dietcare")
GRACE_S = 5.0
"""How long calls in flight may still take when the service stops."""


class AddressInUseError(Exception):
    """An address can not be listened on; the text is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the service listens, HOST:PORT; empty where it does not."""

    grpc: str
    http: str
    admin: str


@asynccontextmanager
async def serve(app: App) -> AsyncIterator[Addresses]:
    """Listen until the block ends, then finish what is in flight.

    Raises:
        AddressInUseError: another process listens there.
    """
    settings = app.settings
    certificates = settings.certificates()
    if certificates is None:
        _warn_of_plain_text(settings)
    else:
        certificates.look()  # it may end soon
        app.metrics.show_certificate(lambda: _expires_at_s(certificates))
    tls = certificates.http_context() if certificates else None
    async with AsyncExitStack() as stack:
        http = await _http(
            stack, settings.http_address, "DIETCARE_HTTP_ADDRESS", await gateway(app), tls
        )
        # For probes and scrapers within the cluster, which can not know the certificate.
        admin = await _http(
            stack, settings.admin_address, "DIETCARE_ADMIN_ADDRESS", await admin_gateway(app), None
        )
        grpc_address = await _grpc(stack, app, certificates)
        stack.callback(app.health.drain)
        yield Addresses(grpc_address, http, admin)


def contract() -> tuple[Api, Info]:
    """What REST serves, and what its document says of itself."""
    info = Info(title="DietCare", version=version("dietcare"))
    return Api.load(CONTRACT.read_bytes(), [SERVICE]), info


async def gateway(app: App) -> Gateway:
    """The REST gateway over the app's own handlers, with the pages that it may show."""
    api, info = contract()
    pages: dict[str, Page] = {**probe_pages(app.health), **documentation_pages(api, info)}
    if not app.settings.admin_address:
        pages |= admin_pages(app.health, app.metrics)
    if app.settings.is_development:
        pages |= sample_pages(SAMPLES)
    return Gateway(
        api,
        await _dispatcher(app),
        _options(app),
        pages,
        app.refusals.refused,
    )


async def admin_gateway(app: App) -> Gateway:
    """The pages for operators alone, without the API."""
    pages: Mapping[str, Page] = {
        **probe_pages(app.health),
        **admin_pages(app.health, app.metrics),
    }
    return Gateway(Api.load(CONTRACT.read_bytes(), []), LocalDispatcher({}), _options(app), pages)


def _options(app: App) -> GatewayOptions:
    return GatewayOptions(
        realm="dietcare",
        unknown_fields=app.settings.gateway_unknown_fields.value,
        observe=app.metrics.observe_http,
        cors_origins=app.settings.cors_origins,
    )


async def _dispatcher(app: App) -> LocalDispatcher:
    return await LocalDispatcher.build(
        lambda server: service_pb2_grpc.add_DietCareServiceServicer_to_server(app.servicer, server),
        app.interceptors,
    )


async def _grpc(stack: AsyncExitStack, app: App, certificates: Certificates | None) -> str:
    server = grpc_server(app)
    address, variable = app.settings.grpc_address, "DIETCARE_GRPC_ADDRESS"
    host, _, _ = address.rpartition(":")
    _listener(address, variable).close()  # gRPC's core prints lines of its own where it can not
    try:
        if certificates is None:
            port = server.add_insecure_port(address)
        else:
            port = server.add_secure_port(address, certificates.grpc_credentials())
    except RuntimeError as error:
        raise AddressInUseError(_refusal(address, variable, "gRPC refuses it")) from error
    await server.start()
    stack.push_async_callback(server.stop, GRACE_S)
    return f"{host}:{port}"


def _expires_at_s(certificates: Certificates) -> float:
    certificates.look()  # which warns of the end where nobody connects for days, too
    return certificates.expires_at.timestamp()


def _warn_of_plain_text(settings: Settings) -> None:
    if not settings.is_development:
        _log.warning("TLS is off: something in front must end it, and nothing else may get here")


def _listener(address: str, variable: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=1024)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0].lower()
        raise AddressInUseError(_refusal(address, variable, reason)) from error


async def _http(
    stack: AsyncExitStack,
    address: str,
    variable: str,
    app: Gateway,
    tls: ssl.SSLContext | None,
) -> str:
    if not address:
        return ""
    listener = stack.enter_context(_listener(address, variable))
    await stack.enter_async_context(listening(app, listener, grace_s=GRACE_S, tls=tls))
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refusal(address: str, variable: str, reason: str) -> str:
    return f"can not listen on {address}: {reason}; free it or set {variable}"
