"""TLS, and which pages of others may call from a browser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, field_validator

from dietcare.settings.values import Group, Names, empty_is_unset

if TYPE_CHECKING:
    from gateway.tls import Certificates

OptionalPath = Annotated[Path | None, BeforeValidator(empty_is_unset)]
ANY_ORIGIN = "*"


class TransportSettings(Group):
    """Certificates and origins."""

    tls_cert: OptionalPath = Field(
        None, description="Certificate chain in PEM, for gRPC and REST; read anew when it changes."
    )
    tls_key: OptionalPath = Field(None, description="Its private key in PEM, without a password.")
    tls_client_ca: OptionalPath = Field(
        None,
        description="Authorities in PEM: gRPC clients must show a certificate of one of them.",
    )
    cors_origins: Names = Field(
        (), description="Origins of web pages that may call REST, e.g. `https://app.example`."
    )

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if values:
            from gateway.origins import is_origin  # most commands need no gateway

            for value in values:
                if value != ANY_ORIGIN and not is_origin(value):
                    raise ValueError(f"{value} is no origin like https://app.example")
        return values

    @property
    def has_tls(self) -> bool:
        """Whether gRPC and REST speak TLS."""
        return self.tls_cert is not None

    def certificates(self) -> "Certificates | None":
        """The certificates that the settings name, None for none.

        Raises:
            CertificateError: they can not be used.
        """
        if self.tls_cert is None or self.tls_key is None:
            return None
        from gateway.tls import Certificates

        return Certificates(self.tls_cert, self.tls_key, self.tls_client_ca)


def transport_contradictions(settings: TransportSettings) -> Iterator[tuple[str, str]]:
    """What is wrong with the certificates, by variable."""
    chain, key, client_ca = settings.tls_cert, settings.tls_key, settings.tls_client_ca
    if chain and key:
        yield from _unusable(chain, key, client_ca)
    elif chain or key:
        missing = "DIETCARE_TLS_KEY" if chain else "DIETCARE_TLS_CERT"
        yield missing, "is required: a certificate and its key go together"
    elif client_ca:
        yield "DIETCARE_TLS_CERT", "is required for DIETCARE_TLS_CLIENT_CA"


def _unusable(chain: Path, key: Path, client_ca: Path | None) -> Iterator[tuple[str, str]]:
    from gateway.pem import CertificateError, Files

    try:
        Files(chain, key, client_ca).read(datetime.now(UTC))
    except CertificateError as error:
        variables = {key: "KEY", client_ca: "CLIENT_CA", chain: "CERT"}
        yield f"DIETCARE_TLS_{variables[error.file]}", str(error)
