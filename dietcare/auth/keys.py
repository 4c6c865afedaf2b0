"""Keys that verify tokens: which one a token was signed with is found by its header's `kid`."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

RSA_MIN_BITS = 2_048
"""RFC 7518, 3.3."""
KID_MAX_CHARACTERS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A key with the algorithms that it may verify: those configured, never one that a token names.

    `material` is what PyJWT takes for these algorithms.
    """

    material: Any
    algorithms: tuple[str, ...]


class Keys(ABC):
    """The keys that are believed now."""

    @abstractmethod
    async def ready(self) -> bool:
        """Whether keys have been known since the start."""

    @abstractmethod
    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The key that a token with this header may have been signed with, None for none.

        Raises:
            IdentityUnavailableError: the keys are not known, and can not be learnt now.
        """

    @abstractmethod
    def holds(self, key: Key) -> bool:
        """Whether a key that `find` gave is believed still; does not wait."""


class OneKey(Keys):
    """A secret or a public key that does not change; `kid` says nothing then."""

    def __init__(self, material: str, algorithms: tuple[str, ...]) -> None:
        self._key = Key(material, algorithms)

    async def ready(self) -> bool:
        return True

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        return self._key if algorithm in self._key.algorithms else None

    def holds(self, key: Key) -> bool:
        return key is self._key
