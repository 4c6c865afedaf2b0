"""Certificates that are read anew when their files change, for HTTP and for gRPC.

The files are looked at whenever somebody connects: one `stat` each, which also sees the swapped
symbolic links of a Kubernetes secret. What can not be used is said once, and the pair before it
goes on serving.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import grpc
from cryptography import x509

log = logging.getLogger("gateway.tls")

WARN_BEFORE_DAYS = 14
_State = tuple[tuple[int, int, int], ...]


class CertificateError(Exception):
    """The files can not be used; the text is one line, without anything from inside of them."""


@dataclass(frozen=True, slots=True)
class _Pair:
    chain: bytes
    key: bytes
    client_ca: bytes | None
    context: ssl.SSLContext
    expires_at: datetime


class Certificates:
    """A certificate chain and its private key, in PEM, and with `client_ca` whose clients may call
    over gRPC. Safe across threads: gRPC asks in one of its own.

    Raises:
        CertificateError: they can not be used to start with.
    """

    def __init__(self, chain: Path, key: Path, client_ca: Path | None = None) -> None:
        self._chain, self._key, self._client_ca = chain, key, client_ca
        self._files = [each for each in (chain, key, client_ca) if each is not None]
        self._lock = threading.Lock()
        self._seen = _state(self._files)
        self._pair = self._read()

    @property
    def expires_at(self) -> datetime:
        """When the certificate that is served ends."""
        return self._pair.expires_at

    def http_context(self) -> ssl.SSLContext:
        """For a server: each handshake uses the newest pair."""
        context = self._pair.context

        def newest(socket: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            self._look()
            socket.context = self._pair.context

        context.sni_callback = newest
        return context

    def grpc_credentials(self) -> grpc.ServerCredentials:
        """The same for gRPC. With a `client_ca` clients must show a certificate of it."""
        given = self._pair

        def newest() -> grpc.ServerCertificateConfiguration | None:
            nonlocal given
            self._look()
            if given is self._pair:
                return None
            given = self._pair
            return _configuration(given)

        return grpc.dynamic_ssl_server_credentials(
            _configuration(given),
            newest,  # type: ignore[arg-type] # None means that nothing has changed
            self._client_ca is not None,
        )

    def _look(self) -> None:
        with self._lock:
            try:
                state = _state(self._files)
                if state == self._seen:
                    return
                self._seen = state
                self._pair = self._read()
                log.info("the certificate was read anew")
            except CertificateError as error:
                log.error("the certificate before goes on serving: %s", error)

    def _read(self) -> _Pair:
        before = _state(self._files)
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.set_alpn_protocols(["http/1.1"])
            context.load_cert_chain(self._chain, self._key, _no_password)
            chain, key = self._chain.read_bytes(), self._key.read_bytes()
            client_ca = self._client_ca.read_bytes() if self._client_ca else None
            certificate = x509.load_pem_x509_certificates(chain)[0]
            if client_ca is not None:
                x509.load_pem_x509_certificates(client_ca)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise CertificateError(self._reason(error)) from None
        if _state(self._files) != before:
            raise CertificateError("the files changed while they were read")
        _judge(certificate.not_valid_after_utc)
        return _Pair(chain, key, client_ca, context, certificate.not_valid_after_utc)

    def _reason(self, error: Exception) -> str:
        both = f"{self._chain} and {self._key}"
        if isinstance(error, ssl.SSLError):
            if "KEY_VALUES_MISMATCH" in str(error):
                return f"{self._key} is not the key of {self._chain}"
            return f"{both}: no certificate and private key in PEM"
        if isinstance(error, OSError):
            return f"{error.filename or both}: {str(error.strerror).lower()}"
        return f"{', '.join(map(str, self._files))}: no certificates in PEM"


def _judge(expires_at: datetime) -> None:
    left = expires_at - datetime.now(UTC)
    if left.total_seconds() <= 0:
        raise CertificateError(f"the certificate ended at {expires_at:%Y-%m-%dT%H:%M:%SZ}")
    if left.days < WARN_BEFORE_DAYS:
        log.warning("the certificate ends at %s", f"{expires_at:%Y-%m-%dT%H:%M:%SZ}")


def _configuration(pair: _Pair) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(pair.key, pair.chain)], pair.client_ca)


def _no_password() -> str:
    # Without it OpenSSL would ask on the terminal.
    return ""


def _state(files: Sequence[Path]) -> _State:
    try:
        stats = [each.stat() for each in files]
    except OSError as error:
        raise CertificateError(f"{error.filename}: {str(error.strerror).lower()}") from None
    return tuple((each.st_mtime_ns, each.st_ino, each.st_size) for each in stats)
