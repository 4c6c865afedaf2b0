"""Where time and ids come from, so that tests can hand in their own."""

import secrets
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime


class Clock(ABC):
    """Tells the time."""

    @abstractmethod
    def now(self) -> datetime:
        """The instant, aware and in UTC, to the millisecond that MongoDB keeps."""


class SystemClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_id() -> str:
    """A new id in the form of an ObjectId: 4 bytes of seconds, so that indexes grow at one end,
    then 8 random ones.
    """
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"
