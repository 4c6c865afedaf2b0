"""Goals: those in force, changes of them, and those that were in force on a day."""

from collections.abc import Sequence
from datetime import datetime

from dietcare.clock import Clock
from dietcare.domain.goal import GoalChange, Goals, changed_goals, first_goals
from dietcare.domain.ids import GoalId, IdFactory, UserId
from dietcare.errors import GoalNotFoundError, StaleVersionError
from dietcare.repositories.port import GoalRepository

UPDATE_TRIES = 10


class GoalService:
    """A user's goals."""

    def __init__(self, goals: GoalRepository, clock: Clock, new_id: IdFactory) -> None:
        self._goals = goals
        self._clock = clock
        self._new_id = new_id

    async def get(self, user_id: UserId) -> Goals:
        """The goals in force.

        Raises:
            GoalNotFoundError: the user has set none yet.
        """
        goals = await self._goals.get(user_id)
        if goals is None:
            raise GoalNotFoundError
        return goals

    async def update(self, user_id: UserId, change: GoalChange) -> Goals:
        """Set what `change` says; the rest stays as it was.

        Raises:
            ValidationError: the stage is missing, or stage and dialysis contradict each other.
            InvalidGoalRangeError: a goal is out of its range.
            StaleVersionError: others keep changing them.
        """
        for _ in range(UPDATE_TRIES):
            changed = self._changed(user_id, await self._goals.get(user_id), change)
            if await self._goals.put(user_id, changed):
                return changed
        raise StaleVersionError

    async def versions_between(
        self, user_id: UserId, first: datetime, last: datetime
    ) -> Sequence[Goals]:
        """The versions that hold at some time from `first` to `last`, oldest first."""
        return await self._goals.versions_between(user_id, first, last)

    def _changed(self, user_id: UserId, goals: Goals | None, change: GoalChange) -> Goals:
        now = self._clock.now()
        if goals is not None:
            return changed_goals(goals, change, now=now)
        return first_goals(change, goal_id=GoalId(self._new_id()), user_id=user_id, now=now)


def in_force(versions: Sequence[Goals], instant: datetime) -> Goals | None:
    """The version that holds at `instant`; the first one also holds for all the time before."""
    held = [goals for goals in versions if goals.updated_at <= instant]
    return held[-1] if held else next(iter(versions), None)
