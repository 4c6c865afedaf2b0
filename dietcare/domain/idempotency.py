"""What is kept of a call that carries an idempotency key, so that it is done once."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=24)
"""How long the first answer is given again."""
NOBODY = ""
"""Owner of a record whose work was given up, and may be resumed at once."""

KEY_MAX_CHARACTERS = 255

_KEY = re.compile(rf"[!-~]{{1,{KEY_MAX_CHARACTERS}}}")


def is_key(text: str) -> bool:
    """Whether `text` is 1 to 255 visible ASCII characters."""
    return _KEY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it went out: the serialized message, and the headers that belong to it."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try at what an idempotency key stands for."""

    id: str
    """Id that the meal, the analysis or the change has, in this try and every other."""
    at: datetime
    """When the first try began."""
    resumed: bool = False
    """Whether an earlier try may have done some of it, or all."""
    is_paid: bool = False
    """Whether, if it was done, the limit's unit was taken for it and never given back."""
    is_deleted: bool = False
    """Whether the meal was made by an earlier try and is deleted since."""


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """One key of one user for one RPC: first who is at work on it, then the answer."""

    rpc: str
    key: str
    fingerprint: bytes
    """Hash of what the request means."""
    result_id: str
    owner: str
    """Names one attempt of one process; NOBODY where it was given up."""
    leased_until: datetime
    """From then on the owner is taken for dead."""
    created_at: datetime
    expires_at: datetime
    answer: Answer | None = field(default=None)
    is_deleted: bool = False
    """Whether the meal was deleted while there was no answer yet."""
