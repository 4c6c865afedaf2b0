"""Analysis sessions: an hour from the first analysis, with a fixed number of analyses in it."""

from dietcare.clock import Clock
from dietcare.domain.ids import IdFactory, SessionId, UserId
from dietcare.domain.quota import LimitStatus
from dietcare.domain.session import SESSION_LENGTH, Session
from dietcare.errors import AnalysisLimitExceededError, SessionNotFoundError
from dietcare.repositories.port import SessionRepository


class SessionService:
    """Opens sessions and counts analyses in them."""

    def __init__(
        self, sessions: SessionRepository, clock: Clock, new_id: IdFactory, analyses_per_hour: int
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._new_id = new_id
        self._units = analyses_per_hour

    async def take(self, user_id: UserId) -> Session:
        """Count one analysis in the open session, or open one with it.

        Raises:
            AnalysisLimitExceededError: the open session has all its analyses.
        """
        now = self._clock.now()
        fresh = Session(
            id=SessionId(self._new_id()),
            user_id=user_id,
            created_at=now,
            expires_at=now + SESSION_LENGTH,
            analysis_count=1,
        )
        session = await self._sessions.take(user_id, fresh, self._units)
        if session is None:
            raise await self._exceeded(user_id)
        return session

    async def give_back(self, user_id: UserId, session_id: SessionId) -> None:
        """Count one analysis less in that session."""
        await self._sessions.give_back(user_id, session_id)

    async def current(self, user_id: UserId) -> Session:
        """The open session.

        Raises:
            SessionNotFoundError: none is open.
        """
        session = await self._sessions.current(user_id, self._clock.now())
        if session is None:
            raise SessionNotFoundError
        return session

    async def status(self, user_id: UserId) -> LimitStatus:
        """What is left of this hour; where no session is open, a whole one from now on."""
        try:
            return self.status_of(await self.current(user_id))
        except SessionNotFoundError:
            return LimitStatus(self._units, self._units, self._clock.now() + SESSION_LENGTH)

    def status_of(self, session: Session) -> LimitStatus:
        """What is left of a session."""
        remaining = max(0, self._units - session.analysis_count)
        return LimitStatus(self._units, remaining, session.expires_at)

    async def _exceeded(self, user_id: UserId) -> AnalysisLimitExceededError:
        reset_at = (await self.status(user_id)).reset_at
        retry_after_s = (reset_at - self._clock.now()).total_seconds()
        return AnalysisLimitExceededError(self._units, reset_at, retry_after_s)
