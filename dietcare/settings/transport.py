"""TLS, and which pages of others may call from a browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from dietcare.settings.values import Group, Names, empty_is_unset
from gateway.tls import CertificateError, Certificates

OptionalPath = Annotated[Path | None, BeforeValidator(empty_is_unset)]
ANY_ORIGIN = "*"
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


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
        for value in values:
            if value != ANY_ORIGIN and not _ORIGIN.fullmatch(value):
                raise ValueError(f"{value} is no origin like https://app.example")
        return values

    @property
    def has_tls(self) -> bool:
        """Whether both ports speak TLS."""
        return self.tls_cert is not None

    def certificates(self) -> Certificates | None:
        """The certificates that the settings name, None for none.

        Raises:
            CertificateError: they can not be used.
        """
        if self.tls_cert is None or self.tls_key is None:
            return None
        return Certificates(self.tls_cert, self.tls_key, self.tls_client_ca)


def transport_contradictions(settings: TransportSettings) -> Iterator[tuple[str, str]]:
    """What is wrong with the certificates, by variable."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        missing = "CERT" if settings.tls_cert is None else "KEY"
        yield f"DIETCARE_TLS_{missing}", "is required: a certificate and its key go together"
    elif settings.tls_client_ca is not None and settings.tls_cert is None:
        yield "DIETCARE_TLS_CERT", "is required for DIETCARE_TLS_CLIENT_CA"
    else:
        try:
            settings.certificates()
        except CertificateError as error:
            yield "DIETCARE_TLS_CERT", str(error)
