"""Analysis sessions in this process."""

from dataclasses import replace
from datetime import datetime

from dietcare.domain.ids import SessionId, UserId
from dietcare.domain.session import Session
from dietcare.repositories.identity import canonical, stored_instant
from dietcare.repositories.port import SessionRepository


class MemorySessionRepository(SessionRepository):
    """See the port. No method awaits, so each is one atomic step."""

    def __init__(self) -> None:
        self._by_user: dict[str, dict[str, Session]] = {}

    async def current(self, user_id: UserId, now: datetime) -> Session | None:
        return self._open(user_id, now)

    async def take(self, user_id: UserId, fresh: Session, units: int) -> Session | None:
        session = self._open(user_id, fresh.created_at) or _stored(user_id, fresh)
        if session.analysis_count >= units:
            return None
        return self._keep(replace(session, analysis_count=session.analysis_count + 1))

    async def give_back(self, user_id: UserId, session_id: SessionId) -> None:
        session = self._of(user_id).get(canonical(session_id))
        if session is not None and session.analysis_count > 0:
            self._keep(replace(session, analysis_count=session.analysis_count - 1))

    async def count(self, user_id: UserId, now: datetime) -> int:
        return len(self._closed(user_id, now))

    async def erase(self, user_id: UserId, now: datetime) -> int:
        closed = self._closed(user_id, now)
        for session_id in closed:
            del self._of(user_id)[session_id]
        return len(closed)

    def _closed(self, user_id: UserId, now: datetime) -> list[str]:
        instant = stored_instant(now)
        return [each.id for each in self._of(user_id).values() if each.expires_at <= instant]

    def _of(self, user_id: UserId) -> dict[str, Session]:
        return self._by_user.setdefault(canonical(user_id), {})

    def _open(self, user_id: UserId, now: datetime) -> Session | None:
        instant = stored_instant(now)
        unexpired = (each for each in self._of(user_id).values() if each.expires_at > instant)
        return min(unexpired, key=lambda each: each.expires_at, default=None)

    def _keep(self, session: Session) -> Session:
        self._of(session.user_id)[session.id] = session
        return session


def _stored(user_id: UserId, fresh: Session) -> Session:
    """The session as it comes back from MongoDB, with nothing counted yet."""
    return Session(
        id=SessionId(canonical(fresh.id)),
        user_id=UserId(canonical(user_id)),
        created_at=stored_instant(fresh.created_at),
        expires_at=stored_instant(fresh.expires_at),
        analysis_count=0,
    )
