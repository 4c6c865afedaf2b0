"""The tests of TLS can fail: each safeguard, switched off, makes one of them fail."""

import asyncio
import socket
import ssl
from contextlib import AsyncExitStack
from datetime import timedelta

import grpc
import pytest
from certificates import Authority
from cryptography import x509

from gateway import pem, tls
from gateway.http_server import listening
from gateway.pem import Files
from gateway.tls import Certificates

PATIENCE_S = 20
AUTHORITY, CLIENTS = Authority(), Authority("internal services")
QUARTER = timedelta(days=90)


class World:
    """A pair in files, served over HTTP and gRPC to nobody but handshakes."""

    def __init__(self, folder, stack):
        self._folder = folder
        self._stack = stack
        self.first = self.put(AUTHORITY.issue("127.0.0.1", ends_in=QUARTER))
        self._certificates = Certificates(
            folder / "tls.crt", folder / "tls.key", CLIENTS.written(folder)
        )

    def put(self, issued):
        issued.written(self._folder)
        return issued

    async def http(self):
        listener = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        context = self._certificates.http_context()
        await self._stack.enter_async_context(listening(_nothing, listener, tls=context))
        return listener.getsockname()[1]

    async def grpc(self):
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        port = server.add_secure_port("127.0.0.1:0", self._certificates.grpc_credentials())
        await server.start()
        self._stack.push_async_callback(server.stop, None)
        return port

    def client(self, *shown):
        context = ssl.create_default_context(cadata=AUTHORITY.pem.decode())
        context.set_alpn_protocols(["h2", "http/1.1"])
        if shown:
            context.load_cert_chain(*CLIENTS.issue("reporting").written(self._folder, "client"))
        return context


async def _nothing(_scope, _receive, _send):
    raise AssertionError("nobody asks for anything")


async def heard(port, context):
    """The serial number that is shown, and whether the server goes on after the handshake."""
    return await asyncio.to_thread(_heard, port, context)


def _heard(port, context):
    serial = None
    try:
        with (
            socket.create_connection(("127.0.0.1", port), PATIENCE_S) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
            serial = x509.load_der_x509_certificate(shown).serial_number
            h2 = secured.selected_alpn_protocol() == "h2"
            return serial, bool(secured.recv(1)) if h2 else True
    except OSError:
        return serial, False


async def a_new_pair_is_shown_over_http(world):
    port = await world.http()
    new = world.put(AUTHORITY.issue("127.0.0.1", ends_in=QUARTER))
    return await heard(port, world.client()) == (new.serial, True)


async def a_new_pair_is_shown_over_grpc(world):
    port = await world.grpc()
    await heard(port, world.client("a certificate"))  # the first handshake has the first pair
    new = world.put(AUTHORITY.issue("127.0.0.1", ends_in=QUARTER))
    return await heard(port, world.client("a certificate")) == (new.serial, True)


async def a_pair_that_has_ended_is_not_shown(world):
    port = await world.http()
    world.put(AUTHORITY.issue("127.0.0.1", ends_in=-timedelta(minutes=1)))
    return await heard(port, world.client()) == (world.first.serial, True)


async def a_client_without_a_certificate_is_refused(world):
    _, goes_on = await heard(await world.grpc(), world.client())
    return not goes_on


async def ciphers_without_authenticated_encryption_are_refused(world):
    context = world.client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AES:!AESGCM:!AESCCM")
    return await heard(await world.http(), context) == (None, False)


def without_looking(monkeypatch):
    monkeypatch.setattr(Certificates, "look", lambda self: None)


def without_judgement(monkeypatch):
    monkeypatch.setattr(Files, "_judge", lambda *_: None)


def without_demand(monkeypatch):
    real = grpc.dynamic_ssl_server_credentials
    monkeypatch.setattr(
        tls.grpc,
        "dynamic_ssl_server_credentials",
        lambda first, next_, _: real(first, next_, False),
    )


def without_choice_of_ciphers(monkeypatch):
    monkeypatch.setattr(pem, "CIPHERS", "DEFAULT")


OFF = [
    (a_new_pair_is_shown_over_http, without_looking),
    (a_new_pair_is_shown_over_grpc, without_looking),
    (a_pair_that_has_ended_is_not_shown, without_judgement),
    (a_client_without_a_certificate_is_refused, without_demand),
    (ciphers_without_authenticated_encryption_are_refused, without_choice_of_ciphers),
]


@pytest.mark.parametrize("scenario", [scenario for scenario, _ in OFF])
async def test_with_every_safeguard_in_place(tmp_path, scenario):
    async with AsyncExitStack() as stack:
        assert await scenario(World(tmp_path, stack))


@pytest.mark.parametrize(("scenario", "off"), OFF)
async def test_without_one(tmp_path, monkeypatch, scenario, off):
    off(monkeypatch)
    async with AsyncExitStack() as stack:
        assert not await scenario(World(tmp_path, stack))
