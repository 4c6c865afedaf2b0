"""What is left of a limit, on every answer of an RPC that has one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dietcare.api import call
from dietcare.api.call import limit_metadata
from dietcare.api.interceptors.auth import bearer
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.api.interceptors.limit import LIMITED
from dietcare.auth.tokens import TokenVerifier
from dietcare.domain.ids import UserId, is_id
from dietcare.domain.quota import LimitStatus
from dietcare.errors import (
    AuthenticationError,
    DatabaseError,
    DietCareError,
    IdentityUnavailableError,
)
from dietcare.limits.port import UserLimit, UserLimits

PATIENCE_S = 1.0
"""How long an answer waits to learn what is left."""


class LimitHeadersInterceptor(Around):
    """Looks up what no interceptor further in has told: of replays and of what was refused.

    Where the call is refused because of whose records it is about, the caller's own limit is told.
    """

    def __init__(self, limits: UserLimits) -> None:
        self._limits = limits

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        name = LIMITED.get(rpc_of(method_name) or "")
        if name is None:
            yield
            return
        try:
            yield
        except DatabaseError:  # it would not know what is left either
            raise
        except Exception:
            await _look_up(self._limits[name])
            raise
        await _look_up(self._limits[name])


class LimitsOfRefused:
    """The same for calls that a gateway refuses: none of the interceptors hears of those."""

    def __init__(self, limits: UserLimits, verifier: TokenVerifier) -> None:
        self._limits = limits
        self._verifier = verifier

    async def metadata(
        self, rpc: str, metadata: call.Metadata
    ) -> tuple[tuple[str, str | bytes], ...]:
        """What is left to the caller of a limit of `rpc`; nothing where either is not known."""
        name = LIMITED.get(rpc)
        if name is None:
            return ()
        try:
            async with asyncio.timeout(PATIENCE_S):
                user_id = _self((await self._verifier.verify(bearer(metadata))).subject)
        except (AuthenticationError, IdentityUnavailableError, TimeoutError):
            return ()
        status = await _status(self._limits[name], user_id)
        return () if status is None else tuple(limit_metadata(status))


async def _look_up(limit: UserLimit) -> None:
    current = call.current()
    if current.quota is None:
        user_id = current.owner or _self(current.caller.subject)
        status = await _status(limit, user_id)
        if status is not None:
            current.tell(status)


async def _status(limit: UserLimit, user_id: UserId | None) -> LimitStatus | None:
    if user_id is None:
        return None
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await limit.status(user_id)
    except (DietCareError, TimeoutError):
        return None  # the answer is worth more than what is left


def _self(subject: str) -> UserId | None:
    return UserId(subject) if is_id(subject) else None
