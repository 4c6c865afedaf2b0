"""What a cache must do. A cache may forget at any time and never fails a call."""

from abc import ABC, abstractmethod

GOAL_TTL_S = 3_600
ANALYSIS_TTL_S = 86_400


def goal_key(user_id: str) -> str:
    """Where a user's goals are cached."""
    return f"diet:goal:{user_id}"


def analysis_key(pixel_hash: str) -> str:
    """Where what was seen in a picture is cached; holds nothing of the user who asked."""
    return f"diet:analysis:{pixel_hash}"


class Cache(ABC):
    """Bytes by key, each for a time."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """The value, or None where there is none (any more)."""

    @abstractmethod
    async def put(self, key: str, value: bytes, ttl_s: float, version: int = 0) -> None:
        """Keep `value` for `ttl_s` seconds at the most, unless a higher version is there."""

    @abstractmethod
    async def drop(self, key: str) -> None:
        """Forget the value."""

    @abstractmethod
    async def ping(self) -> bool:
        """Whether the cache answers."""

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of every connection."""
