"""An analysis session: it opens at the first analysis, closes an hour later, and counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dietcare.domain.ids import SessionId, UserId

SESSION_LENGTH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Session:
    """An hour of analyses of one user."""

    id: SessionId
    user_id: UserId
    created_at: datetime
    expires_at: datetime
    analysis_count: int
