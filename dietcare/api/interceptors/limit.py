"""Per-user limits: the unit is taken before the work and given back where there was none."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog

from dietcare.api import call
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.api.status import epoch_seconds
from dietcare.auth.caller import Access, Caller
from dietcare.domain.ids import UserId, is_id
from dietcare.domain.quota import LimitName, LimitStatus
from dietcare.errors import DietCareError, RateLimitExceededError
from dietcare.limits.port import UserLimits

_log = structlog.get_logger("dietcare.limits")

LIMITED: Mapping[str, LimitName] = {
    "AnalyzeFood": LimitName.ANALYSES,
    "LogMeal": LimitName.MEALS,
    "UpdateGoals": LimitName.GOAL_UPDATES,
}


class LimitInterceptor(Around):
    """Takes a unit of the limit that an RPC has, and says in the trailers what is left."""

    def __init__(self, limits: UserLimits) -> None:
        self._limits = limits

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        name = LIMITED.get(rpc_of(method_name) or "")
        if name is None:
            yield
            return
        limit, current = self._limits[name], call.current()
        user_id = _payer(request, current.caller)
        if user_id is None:
            if is_id(current.caller.subject):
                await _told(current, limit.status(UserId(current.caller.subject)))
            yield
            return
        try:
            current.ticket = await limit.take(user_id)
        except RateLimitExceededError as error:
            _tell(current, LimitStatus(error.limit, 0, error.reset_at))
            raise
        try:
            yield
        except BaseException:
            await _told(current, limit.give_back(user_id, current.ticket))
            raise
        if current.refunded:
            await _told(current, limit.give_back(user_id, current.ticket))
        else:
            _tell(current, current.ticket.status)


def _payer(request: Any, caller: Caller) -> UserId | None:
    """Whose unit it is; None where the call will be refused before it does anything."""
    user_id = request.user_id.lower() if request.HasField("user_id") else caller.subject
    return UserId(user_id) if is_id(user_id) and caller.may(Access.WRITE, user_id) else None


async def _told(current: call.Call, status: Awaitable[LimitStatus]) -> None:
    """Say what is left; a limit that does not answer now changes nothing of how the call ends."""
    try:
        _tell(current, await status)
    except DietCareError as error:
        _log.warning("a limit did not answer", reason=error.reason, exc_info=error)


def _tell(current: call.Call, status: LimitStatus) -> None:
    current.trailers += [
        ("x-ratelimit-limit", str(status.limit)),
        ("x-ratelimit-remaining", str(status.remaining)),
        ("x-ratelimit-reset", str(epoch_seconds(status.reset_at))),
    ]
