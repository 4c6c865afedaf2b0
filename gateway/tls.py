"""Certificates that are read anew when their files change, for HTTP and for gRPC.

The files are looked at whenever somebody connects: a `stat` of each, which also sees the swapped
symbolic links of a Kubernetes secret. What can not be used is said once, the pair before it goes on
serving, and it is tried again: it may have come before its time, or at one without a free file.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc

from gateway.pem import CertificateError, Files, Pair, shown

log = logging.getLogger("gateway.tls")

WARN_BEFORE = timedelta(days=14)
WARN_AGAIN_AFTER = timedelta(days=1)
TRY_AGAIN_AFTER = timedelta(seconds=10)

Now = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


class Certificates:
    """A certificate chain and its private key, in PEM, and with `client_ca` whose clients may call
    over gRPC. Safe across threads: gRPC asks in one of its own.

    Raises:
        CertificateError: they can not be used to start with.
    """

    def __init__(
        self, chain: Path, key: Path, client_ca: Path | None = None, *, now: Now = _now
    ) -> None:
        self._files = Files(chain, key, client_ca)
        self._now = now
        self._lock = threading.Lock()
        self._seen = self._files.state()
        # What was said of files that can not be used, empty where they can; and when to try them.
        self._fault, self._try_at = "", self._now()
        self._take(self._files.read(now()))

    @property
    def expires_at(self) -> datetime:
        """When the certificate that is served ends."""
        return self._pair.expires_at

    def look(self) -> None:
        """Read the files anew where they changed, and warn daily where the end is near."""
        with self._lock:
            state = self._files.state()
            if state != self._seen:
                self._seen, self._fault = state, ""
                self._read_anew()
            elif self._fault and self._now() >= self._try_at:
                self._read_anew()
            if self._now() >= self._warn_at:
                self._warn()

    def http_context(self) -> ssl.SSLContext:
        """For a server: each handshake uses the newest pair. Clients need no certificate."""
        context = self._pair.context

        def newest(socket: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
            self.look()
            socket.context = self._pair.context

        # Called for clients that name no host, too.
        context.sni_callback = newest
        return context

    def grpc_credentials(self) -> grpc.ServerCredentials:
        """The same for gRPC. With a `client_ca` clients must show a certificate of it."""
        given = self._pair

        def newest() -> grpc.ServerCertificateConfiguration | None:
            nonlocal given
            self.look()
            if given is self._pair:
                return None
            given = self._pair
            return _configuration(given)

        return grpc.dynamic_ssl_server_credentials(
            _configuration(given),
            newest,  # type: ignore[arg-type] # None means that nothing has changed
            self._files.client_ca is not None,
        )

    def _read_anew(self) -> None:
        try:
            self._take(self._files.read(self._now()))
            log.info("the certificate was read anew, it holds until %s", shown(self.expires_at))
        except CertificateError as error:
            self._try_at = self._now() + TRY_AGAIN_AFTER
            if str(error) != self._fault:
                log.error("the certificate before goes on serving: %s", error)
            self._fault = str(error)

    def _take(self, pair: Pair) -> None:
        self._pair, self._fault = pair, ""
        self._warn_at = pair.expires_at - WARN_BEFORE

    def _warn(self) -> None:
        now = self._now()
        self._warn_at = now + WARN_AGAIN_AFTER
        verb = "ended" if now >= self.expires_at else "ends"
        log.warning("the certificate %s at %s", verb, shown(self.expires_at))


def _configuration(pair: Pair) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration([(pair.key, pair.chain)], pair.client_ca)
