"""The limit of analyses: the session that the user is in counts them."""

from dietcare.domain.ids import UserId
from dietcare.domain.quota import LimitStatus
from dietcare.limits.port import Ticket, UserLimit
from dietcare.services.session import SessionService


class SessionLimit(UserLimit):
    """Takes its units from the user's analysis session."""

    def __init__(self, sessions: SessionService) -> None:
        self._sessions = sessions

    async def take(self, user_id: UserId) -> Ticket:
        session = await self._sessions.take(user_id)
        status = self._sessions.status_of(session)
        return Ticket(status, session_id=session.id)

    async def give_back(self, user_id: UserId, ticket: Ticket) -> LimitStatus:
        if ticket.session_id is not None:
            await self._sessions.give_back(user_id, ticket.session_id)
        return await self.status(user_id)

    async def status(self, user_id: UserId) -> LimitStatus:
        return await self._sessions.status(user_id)
