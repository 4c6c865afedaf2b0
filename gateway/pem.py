"""A certificate chain and its private key in PEM files, read as a whole or not at all."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

# TLS 1.2 with forward secrecy and authenticated encryption, as gRPC has it; all of TLS 1.3 is so.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"

State = tuple[tuple[int, ...] | None, ...]


class CertificateError(Exception):
    """A file can not be used; the text is one line, without anything from inside of it."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} {reason}")
        self.file = file


@dataclass(frozen=True, slots=True)
class Pair:
    """What the files held. `client_ca` are the authorities whose clients may call."""

    chain: bytes
    key: bytes
    client_ca: bytes | None
    context: ssl.SSLContext
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Files:
    """Where they are."""

    chain: Path
    key: Path
    client_ca: Path | None = None

    def state(self) -> State:
        """Differs whenever a file was written, replaced, reached by another link, or let be read.

        A file that is not there has a state too.
        """
        return tuple(_state(each) for each in (self.chain, self.key, self.client_ca) if each)

    def read(self, now: datetime) -> Pair:
        """Read and judge them.

        Raises:
            CertificateError: they can not be used, or not at this time, or not together.
        """
        before = self.state()
        chain, key = _bytes(self.chain), _bytes(self.key)
        certificate = _certificates(self.chain, chain)[0]
        self._judge(certificate, _private_key(self.key, key), now)
        client_ca = authorities(self.client_ca) if self.client_ca else None
        context = self._context()
        if self.state() != before:
            raise CertificateError(self.chain, "changed while it was read, or its key did")
        return Pair(chain, key, client_ca, context, certificate.not_valid_after_utc)

    def _judge(
        self,
        certificate: x509.Certificate,
        key: PrivateKeyTypes,
        now: datetime,
    ) -> None:
        if certificate.public_key() != key.public_key():
            raise CertificateError(self.key, f"is not the key of {self.chain}")
        if now >= certificate.not_valid_after_utc:
            raise CertificateError(self.chain, f"ended at {shown(certificate.not_valid_after_utc)}")
        if now < certificate.not_valid_before_utc:
            begins = shown(certificate.not_valid_before_utc)
            raise CertificateError(self.chain, f"does not hold before {begins}")

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.set_ciphers(CIPHERS)
        context.set_alpn_protocols(["http/1.1"])
        try:
            context.load_cert_chain(self.chain, self.key, _no_password)
        except OSError as error:  # ssl.SSLError is one
            reason = getattr(error, "reason", None) or "unreadable"
            said = str(reason).replace("_", " ").lower()
            raise CertificateError(self.chain, f"and its key do not serve: {said}") from None
        return context


def authorities(file: Path) -> bytes:
    """The certificates of authorities in a file, as they are written there.

    Raises:
        CertificateError: there are none.
    """
    pem = _bytes(file)
    _certificates(file, pem)
    return pem


def shown(at: datetime) -> str:
    """An instant as logs and errors write it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _state(file: Path) -> tuple[int, ...] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    # The time of the inode too: a file that may be read at last has changed in nothing else.
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        said = str(error.strerror).lower()
        raise CertificateError(file, f"can not be read: {said}") from None


def _certificates(file: Path, pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise CertificateError(file, "holds no certificate in PEM") from None


def _private_key(file: Path, pem: bytes) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        raise CertificateError(file, "is encrypted: a key without a password is needed") from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(file, "holds no private key in PEM") from None


def _no_password() -> str:
    # Without it OpenSSL would ask on the terminal for a key that was replaced meanwhile.
    return ""
