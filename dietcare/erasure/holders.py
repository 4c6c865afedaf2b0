"""Holders of records that are no repository's own."""

from collections.abc import Callable

from dietcare.clock import Clock
from dietcare.domain.ids import UserId
from dietcare.repositories.port import Held, SessionRepository, Spare, nothing


class ClosedSessions(Held):
    """A user's sessions but for the open one, under the name that limits have for the user.

    New ones are made under the same name, and spared by being open.
    """

    def __init__(
        self, sessions: SessionRepository, name_of: Callable[[UserId], UserId], clock: Clock
    ) -> None:
        self._sessions = sessions
        self._name_of = name_of
        self._clock = clock

    async def count(self, user_id: UserId) -> int:
        return await self._sessions.count(self._name_of(user_id), self._clock.now())

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        return await self._sessions.erase(self._name_of(user_id), self._clock.now())
