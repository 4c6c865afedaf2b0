"""Per-user limits: the unit is taken before the work and given back where there was none."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from dietcare.api import call
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.domain.ids import UserId
from dietcare.domain.quota import LimitName, LimitStatus
from dietcare.errors import RateLimitExceededError
from dietcare.limits.port import Ticket, UserLimit, UserLimits
from dietcare.limits.units import Units

LIMITED: Mapping[str, LimitName] = {
    "AnalyzeFood": LimitName.ANALYSES,
    "LogMeal": LimitName.MEALS,
    "UpdateGoals": LimitName.GOAL_UPDATES,
}


class LimitInterceptor(Around):
    """Takes a unit of the limit that an RPC has, and gives it back where the call fails or is free.

    Whatever the failure is, a cancellation included.
    """

    def __init__(self, limits: UserLimits, units: Units) -> None:
        self._limits = limits
        self._units = units

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        name = LIMITED.get(rpc_of(method_name) or "")
        current = call.current()
        user_id = current.owner
        if name is None or user_id is None or current.is_free:
            yield
            return
        limit = self._limits[name]
        try:
            ticket = await self._units.take(limit, user_id)
        except RateLimitExceededError as error:
            current.tell(LimitStatus(error.limit, 0, error.reset_at))
            raise
        current.ticket = ticket
        current.tell(ticket.status)
        try:
            yield
        except BaseException:
            await self._give_back(limit, user_id, ticket)
            raise
        if current.refunded:
            await self._give_back(limit, user_id, ticket)

    async def _give_back(self, limit: UserLimit, user_id: UserId, ticket: Ticket) -> None:
        status = await self._units.give_back(limit, user_id, ticket)
        if status is not None:
            call.current().tell(status)
