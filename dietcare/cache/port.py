"""What a cache must do. A cache may forget at any time and never fails a call."""

from abc import ABC, abstractmethod

GOAL_TTL_S = 3_600
ANALYSIS_TTL_S = 86_400
VERSION_END = b":"


def goal_key(user_id: str) -> str:
    """Where a user's goals are cached."""
    return f"diet:goal:{user_id}"


def analysis_key(pixel_hash: str) -> str:
    """Where what was seen in a picture is cached; holds nothing of the user who asked."""
    return f"diet:analysis:{pixel_hash}"


def versioned(version: int, value: bytes) -> bytes:
    """What is kept of a value that has a version."""
    return b"%d%s%s" % (version, VERSION_END, value)


class Cache(ABC):
    """Bytes by key, each for a time."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """The value, or None where there is none (any more)."""

    @abstractmethod
    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        """Keep `value` for `ttl_s` seconds at the most."""

    async def get_version(self, key: str) -> bytes | None:
        """The value that `put_version` has kept; None where there is none, or an empty one."""
        kept = await self.get(key)
        return None if kept is None else kept.partition(VERSION_END)[2] or None

    @abstractmethod
    async def put_version(self, key: str, version: int, value: bytes, ttl_s: float) -> bool:
        """Keep `value` as `put` does unless a newer version is kept, in one atomic step.

        An empty value keeps what is older out and is never given. False where the cache did not
        answer, and may still have what it had.
        """

    @abstractmethod
    async def drop(self, key: str) -> None:
        """Forget the value."""

    @abstractmethod
    async def ping(self) -> bool:
        """Whether the cache answers."""

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of every connection."""
