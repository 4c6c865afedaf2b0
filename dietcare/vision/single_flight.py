"""The same picture several times at once is looked at once."""

import asyncio
from dataclasses import dataclass

from dietcare.vision.port import Picture, Sighting, VisionModel


@dataclass(slots=True)
class _Flight:
    """A look under way; `is_paid` once somebody has its answer as a new one."""

    task: asyncio.Task[Sighting]
    waiters: int = 0
    is_paid: bool = False


class SingleFlightVisionModel(VisionModel):
    """Whoever brings a picture that is being looked at waits for that answer.

    One of them gets it as new, all others as `cached`: it has cost one look. The look is cancelled
    when the last who waits for it is.
    """

    def __init__(self, inner: VisionModel) -> None:
        self._inner = inner
        self._flights: dict[str, _Flight] = {}

    async def look(self, picture: Picture) -> Sighting:
        flight = self._flights.get(picture.pixel_hash) or self._begin(picture)
        flight.waiters += 1
        try:
            sighting = await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                self._forget(picture.pixel_hash, flight)  # who comes now must not share its end
                flight.task.cancel()
        if flight.is_paid:
            return sighting.again()
        flight.is_paid = True
        return sighting

    def _begin(self, picture: Picture) -> _Flight:
        key = picture.pixel_hash
        flight = self._flights[key] = _Flight(asyncio.create_task(self._inner.look(picture)))
        flight.task.add_done_callback(lambda _task: self._landed(key, flight))
        return flight

    def _landed(self, key: str, flight: _Flight) -> None:
        self._forget(key, flight)
        if not flight.task.cancelled():
            flight.task.exception()  # seen: whoever waited for it may be gone

    def _forget(self, key: str, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
