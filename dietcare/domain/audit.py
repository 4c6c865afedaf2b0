"""Who was let at whose records: what the audit log keeps, and nothing of what is in them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dietcare.domain.ids import UserId


class Outcome(StrEnum):
    """What came of it."""

    GRANTED = "granted"
    """The caller was let in; written before anything is shown or changed."""
    DONE = "done"
    FAILED = "failed"
    """It ended half-way, or before it began."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log. It has no field for health values, notes or foods."""

    user_id: UserId
    """Whose records."""
    subject: str
    """Who: the subject of a token, or an operator; at most 128 characters."""
    action: str
    """What: the name of the RPC or of the operator's command."""
    request_id: str
    """By which call: logs know it by the same name."""
    outcome: Outcome
    at: datetime
