"""TLS of `python -m gateway`: to the service, and as which it is served itself."""

from __future__ import annotations

import argparse
import ssl
from datetime import UTC, datetime
from pathlib import Path

import grpc

from gateway.failures import GatewayConfigError
from gateway.pem import Files, authorities
from gateway.tls import Certificates

# Messages of 16 MiB, and room for what surrounds them.
_MAX_MESSAGE_BYTES = 17 * 1024 * 1024
_CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    # A service that restarts is found again within seconds; gRPC's own limit is two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # A service whose machine is gone says nothing: what it does not acknowledge within 20 s ends
    # the connection (TCP_USER_TIMEOUT); else calls would wait for a quarter of an hour. Pings come
    # with it; servers forbid them more often than every 5 minutes.
    ("grpc.keepalive_time_ms", 310_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)


def add_files(parser: argparse.ArgumentParser) -> None:
    """The options about TLS."""
    parser.add_argument(
        "--tls", action="store_true", help="speak TLS with the service; so does any file for it"
    )
    for name, text in (
        ("--ca", "authorities of the service's certificate; default: the well-known ones"),
        ("--cert", "certificate to show to the service, read once"),
        ("--key", "its private key, without a password"),
        ("--listen-cert", "certificate chain to be served with, over TLS; read anew on changes"),
        ("--listen-key", "its private key, without a password"),
    ):
        parser.add_argument(name, type=Path, metavar="FILE", help=f"PEM: {text}")


def open_channel(options: argparse.Namespace) -> grpc.aio.Channel:
    """A channel to the service, as the options say.

    Raises:
        CertificateError, GatewayConfigError: its files can not be used.
    """
    if not (options.tls or options.ca or options.cert or options.key):
        return grpc.aio.insecure_channel(options.upstream, options=_CHANNEL_OPTIONS)
    believed = authorities(options.ca) if options.ca else None
    key = chain = None
    if files := _pair("--cert", options.cert, "--key", options.key):
        own = files.read(datetime.now(UTC))
        key, chain = own.key, own.chain
    credentials = grpc.ssl_channel_credentials(believed, key, chain)
    return grpc.aio.secure_channel(options.upstream, credentials, options=_CHANNEL_OPTIONS)


def serving_context(options: argparse.Namespace) -> ssl.SSLContext | None:
    """How the gateway itself is served; None for plain HTTP.

    Raises:
        CertificateError, GatewayConfigError: its files can not be used.
    """
    files = _pair("--listen-cert", options.listen_cert, "--listen-key", options.listen_key)
    if files is None:
        return None
    certificates = Certificates(files.chain, files.key)
    certificates.look()  # it may end soon
    return certificates.http_context()


def _pair(chain_name: str, chain: Path | None, key_name: str, key: Path | None) -> Files | None:
    if chain and key:
        return Files(chain, key)
    if chain or key:
        raise GatewayConfigError([f"{chain_name} and {key_name} go together"])
    return None
