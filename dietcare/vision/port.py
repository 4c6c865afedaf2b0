"""What the service needs of vision, whatever fetches the picture and whoever looks at it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Protocol

from dietcare.domain.food import Food
from dietcare.errors import OpenAIAPIError


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be looked at: upright, scaled down, without any metadata."""

    jpeg: bytes
    pixel_hash: str
    """SHA-256 of the normalised pixels, in hexadecimal: the same photo is the same hash."""
    is_doubted: bool = False
    """True where it was looked at just now with impossible numbers, which the model is told."""


class PictureFile(Protocol):
    """A picture's file as sent: bytes, or what becomes bytes when its turn has come."""

    def __len__(self) -> int:
        """How many bytes it has."""

    def __bytes__(self) -> bytes:
        """The bytes; whoever waits for a turn does not hold a copy of them."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a model saw. `foods` is empty where the picture shows none."""

    foods: tuple[Food, ...]
    model: str
    prompt_version: str
    latency_ms: int
    tokens: int
    cached: bool = False
    """True where the same picture was looked at before and this is that answer."""

    def again(self) -> "Sighting":
        """The same as it is given to others: nothing was waited for, and no token spent on it."""
        return replace(self, cached=True, latency_ms=0, tokens=0)


class UnansweredError(OpenAIAPIError):
    """The model did not answer: not reached, too slow, too busy or broken. It may, later.

    `retry_after_s` is how many seconds it wants to be left alone for, 0 where it said nothing.
    """

    def __init__(self, retry_after_s: float = 0.0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__()


class ImpossibleSightingError(OpenAIAPIError):
    """The model saw foods that can not be; `tokens` is what that has cost."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        super().__init__()


class PictureReader(ABC):
    """Makes pictures of what clients send."""

    @abstractmethod
    async def from_url(self, url: str) -> Picture:
        """Fetch and normalise the picture at `url`.

        Raises:
            InvalidImageURLError: the address, or what is there, can not be used.
            ImageProcessingError: the host did not answer.
        """

    @abstractmethod
    async def from_bytes(self, data: PictureFile) -> Picture:
        """Normalise the picture in `data`.

        Raises:
            InvalidImageURLError: it is no picture, or too large.
        """


class VisionModel(ABC):
    """Names the foods of a picture."""

    @abstractmethod
    async def look(self, picture: Picture) -> Sighting:
        """Name the foods, their portions and nutrients.

        Raises:
            OpenAIAPIError: the model did not answer, or with nothing usable.
        """

    async def ping(self) -> bool:
        """Whether the model could be asked now; one in this process always can."""
        return True
