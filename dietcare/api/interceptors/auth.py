"""Who calls: no RPC of DietCare is served without a verified token."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from dietcare.api import call
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.auth.tokens import TokenVerifier
from dietcare.errors import AuthenticationError


class AuthInterceptor(Around):
    """Verifies the bearer token in `authorization`."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        if rpc_of(method_name) is not None:
            call.current().caller_or_none = await self._verifier.verify(
                bearer(context.invocation_metadata() or ())
            )
        yield


def bearer(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The token in the metadata of a call.

    Raises:
        AuthenticationError: there is none, or more than one.
    """
    values = [value for key, value in metadata if key == "authorization"]
    if len(values) != 1 or not isinstance(values[0], str):
        raise AuthenticationError
    scheme, _, token = values[0].partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AuthenticationError
    return token.strip()
