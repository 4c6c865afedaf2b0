"""Asks a model no more while it does not answer."""

import logging
from collections.abc import Callable
from enum import IntEnum

from dietcare.errors import OpenAIAPIError
from dietcare.vision.port import Picture, Sighting, UnansweredError, VisionModel
from dietcare.vision.timer import Timer

_log = logging.getLogger(__name__)


class State(IntEnum):
    """What a circuit breaker does with the next call."""

    CLOSED = 0
    """It passes."""
    HALF_OPEN = 1
    """It passes as the probe, where none is under way."""
    OPEN = 2
    """It fails at once."""


class CircuitOpenError(OpenAIAPIError):
    """The model has not answered lately, and is not asked."""


class BreakerVisionModel(VisionModel):
    """Opens after so many `failures` in a row, for `open_s` seconds; then one call probes.

    A failure is a call without an answer: an answer that is no use is one. A probe that is
    answered closes the circuit, one that is not opens it again, and one that is cancelled tells
    nothing. `on_open` is called whenever the circuit opens.
    """

    def __init__(
        self,
        inner: VisionModel,
        timer: Timer,
        *,
        failures: int,
        open_s: float,
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        self._inner = inner
        self._timer = timer
        self._failures_max = failures
        self._open_s = open_s
        self._on_open = on_open
        self._failures = 0
        self._open_until: float | None = None
        self._is_probing = False

    @property
    def state(self) -> State:
        """Its state at this moment."""
        if self._open_until is None:
            return State.CLOSED
        return State.OPEN if self._timer.now() < self._open_until else State.HALF_OPEN

    async def look(self, picture: Picture) -> Sighting:
        is_probe = self._enter()
        try:
            sighting = await self._inner.look(picture)
        except UnansweredError:
            self._unanswered(is_probe)
            raise
        except CircuitOpenError:  # opened while this call was still waiting for its turn
            raise
        except OpenAIAPIError:
            self._answered(is_probe)
            raise
        finally:
            if is_probe:
                self._is_probing = False
        self._answered(is_probe)
        return sighting

    def _enter(self) -> bool:
        """Whether this call is the probe.

        Raises:
            CircuitOpenError: it must not be made.
        """
        if self.state is State.CLOSED:
            return False
        if self.state is State.OPEN or self._is_probing:
            raise CircuitOpenError
        self._is_probing = True
        return True

    def _answered(self, is_probe: bool) -> None:
        if is_probe:
            self._open_until = None
            _log.info("the vision model answers again")
        if self._open_until is None:  # else of a call from before: only a probe closes
            self._failures = 0

    def _unanswered(self, is_probe: bool) -> None:
        self._failures += 1
        is_closed = self._open_until is None
        if is_probe or (is_closed and self._failures >= self._failures_max):
            self._open_until = self._timer.now() + self._open_s
            _log.warning("the vision model does not answer: not asked for %g s", self._open_s)
            self._on_open()
