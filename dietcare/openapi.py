"""Writes the OpenAPI document that the service serves: `python -m dietcare.openapi FILE`."""

import sys
from pathlib import Path

from dietcare.serving import contract
from gateway.openapi import document_bytes


def openapi_document() -> bytes:
    """The whole document, as at /openapi.json."""
    return document_bytes(*contract())


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(openapi_document())
