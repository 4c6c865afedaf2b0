"""A model that does what a test says, and time that a test moves."""

import asyncio
from collections.abc import Callable

import pytest
from hand_timer import HandTimer

from dietcare.vision.port import Picture, Sighting, VisionModel

SEEN = Sighting((), "a-model", "1", 5, 7)


class Gate(VisionModel):
    """Every look waits until the test ends it; `looks` has those under way, in order."""

    def __init__(self) -> None:
        self.looks: list[tuple[Picture, asyncio.Future[Sighting]]] = []
        self.cancelled: list[str] = []
        self.begun: asyncio.Queue[str] = asyncio.Queue()

    async def look(self, picture: Picture) -> Sighting:
        end: asyncio.Future[Sighting] = asyncio.get_running_loop().create_future()
        self.looks.append((picture, end))
        self.begun.put_nowait(picture.pixel_hash)
        try:
            return await end
        except asyncio.CancelledError:
            self.cancelled.append(picture.pixel_hash)
            raise

    def end(self, index: int, outcome: Sighting | Exception = SEEN) -> None:
        """Let a look end."""
        look = self.looks[index][1]
        if isinstance(outcome, Exception):
            look.set_exception(outcome)
        else:
            look.set_result(outcome)

    @property
    def hashes(self) -> list[str]:
        """The pictures looked at so far."""
        return [picture.pixel_hash for picture, _ in self.looks]


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def timer() -> HandTimer:
    return HandTimer()


@pytest.fixture
def seen() -> Sighting:
    return SEEN


@pytest.fixture
def a_picture() -> Callable[[str], Picture]:
    def make(name: str = "rice") -> Picture:
        return Picture(b"jpeg", name)

    return make


async def _settled() -> None:
    """Let everything run that can run without time passing."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def settled() -> Callable[[], object]:
    return _settled
