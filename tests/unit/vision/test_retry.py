"""What may succeed later is asked again, within a budget."""

from typing import Any

import pytest
from hand_timer import HandTimer, RestlessTimer

from dietcare.errors import OpenAIAPIError
from dietcare.vision.breaker import CircuitOpenError
from dietcare.vision.port import (
    ImpossibleSightingError,
    Picture,
    Sighting,
    UnansweredError,
    VisionModel,
)
from dietcare.vision.retry import PAUSE_S, RetryingVisionModel
from dietcare.vision.timer import SystemTimer

BUDGET_S = 20.0


class Script(VisionModel):
    """Each look ends as the script says and takes `takes_s` seconds."""

    def __init__(self, timer: HandTimer, *outcomes: Any, takes_s: float = 0.0) -> None:
        self._timer = timer
        self._takes_s = takes_s
        self._outcomes = list(outcomes)
        self.pictures: list[Picture] = []

    async def look(self, picture: Picture) -> Sighting:
        self.pictures.append(picture)
        self._timer.advance(self._takes_s)
        outcome = self._outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, Sighting)
        return outcome


@pytest.fixture
def timer() -> RestlessTimer:
    return RestlessTimer()


@pytest.fixture
def retrying(timer: RestlessTimer) -> Any:
    def make(script: Script) -> RetryingVisionModel:
        return RetryingVisionModel(
            script, timer, budget_s=BUDGET_S, jitter=lambda low, high: low + (high - low) / 2
        )

    return make


async def test_an_unanswered_call_is_repeated_twice_after_growing_pauses(
    timer: Any, retrying: Any, a_picture: Any, seen: Any
) -> None:
    script = Script(timer, UnansweredError(), UnansweredError(), seen)
    assert await retrying(script).look(a_picture()) is seen
    assert timer.naps == [PAUSE_S / 2, PAUSE_S]


async def test_the_third_failure_is_the_answer(timer: Any, retrying: Any, a_picture: Any) -> None:
    script = Script(timer, *[UnansweredError()] * 3)
    with pytest.raises(UnansweredError) as error:
        await retrying(script).look(a_picture())
    assert len(script.pictures) == 3
    assert (error.value.__cause__, error.value.__context__) == (None, None)


async def test_retry_after_is_waited_for_and_the_jitter_on_top(
    timer: Any, retrying: Any, a_picture: Any, seen: Any
) -> None:
    script = Script(timer, UnansweredError(7.0), seen)
    assert await retrying(script).look(a_picture()) is seen
    assert timer.naps == [7.0 + PAUSE_S / 2]


async def test_a_pause_that_the_budget_does_not_hold_is_not_made(
    timer: Any, retrying: Any, a_picture: Any
) -> None:
    script = Script(timer, UnansweredError(BUDGET_S))
    with pytest.raises(UnansweredError):
        await retrying(script).look(a_picture())
    assert timer.naps == []


async def test_nothing_is_repeated_once_the_budget_is_spent(
    timer: Any, retrying: Any, a_picture: Any
) -> None:
    script = Script(timer, *[UnansweredError()] * 3, takes_s=BUDGET_S * 0.6)
    with pytest.raises(UnansweredError):
        await retrying(script).look(a_picture())
    assert len(script.pictures) == 2


async def test_a_repetition_is_cut_at_the_end_of_the_budget(gate: Any, a_picture: Any) -> None:
    class OnceUnanswered(VisionModel):
        async def look(self, picture: Picture) -> Sighting:
            if first:
                raise first.pop()
            sighting: Sighting = await gate.look(picture)
            return sighting

    first = [UnansweredError()]
    model = RetryingVisionModel(
        OnceUnanswered(), SystemTimer(), budget_s=0.05, jitter=lambda low, high: 0.0
    )
    with pytest.raises(UnansweredError):
        await model.look(a_picture())
    assert gate.cancelled == ["rice"]


@pytest.mark.parametrize("failure", [OpenAIAPIError(), CircuitOpenError(), ValueError()])
async def test_what_no_repetition_helps_is_not_repeated(
    failure: Exception, timer: Any, retrying: Any, a_picture: Any
) -> None:
    script = Script(timer, failure)
    with pytest.raises(type(failure)):
        await retrying(script).look(a_picture())


async def test_impossible_numbers_are_asked_for_once_more_with_a_word_about_them(
    timer: Any, retrying: Any, a_picture: Any, seen: Any
) -> None:
    script = Script(timer, ImpossibleSightingError(100), UnansweredError(), seen)
    sighting = await retrying(script).look(a_picture())
    assert sighting.tokens == 100 + seen.tokens
    assert [picture.is_doubted for picture in script.pictures] == [False, True, True]


async def test_impossible_numbers_twice_are_an_error(
    timer: Any, retrying: Any, a_picture: Any
) -> None:
    script = Script(timer, ImpossibleSightingError(100), ImpossibleSightingError(100))
    with pytest.raises(ImpossibleSightingError) as error:
        await retrying(script).look(a_picture())
    assert (error.value.__cause__, error.value.__context__) == (None, None)
