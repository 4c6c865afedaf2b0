"""Progress: what was eaten against the goals that held."""

from collections.abc import Sequence
from datetime import date

from dietcare.clock import Clock
from dietcare.domain import calendar
from dietcare.domain.calendar import DAY, WEEK_DAYS
from dietcare.domain.goal import CkdStage, Dialysis, Goals, GoalSource, defaults
from dietcare.domain.ids import UserId
from dietcare.domain.progress import (
    DayGoals,
    GoalsOn,
    Period,
    Progress,
    by_day,
    daily,
    weekly,
)
from dietcare.repositories.port import MealRepository
from dietcare.services.goal import GoalService, in_force

SPAN_DAYS = {Period.DAILY: 1, Period.WEEKLY: 2 * WEEK_DAYS}


class ProgressService:
    """A user's progress; `default_stage` stands in for users without goals."""

    def __init__(
        self, meals: MealRepository, goals: GoalService, clock: Clock, default_stage: CkdStage
    ) -> None:
        self._meals = meals
        self._goals = goals
        self._clock = clock
        self._default = DayGoals(
            defaults(default_stage, Dialysis.NONE, None), Dialysis.NONE, GoalSource.DEFAULT
        )

    async def get(self, user_id: UserId, day: date, period: Period, zone_name: str) -> Progress:
        """Progress of `day`, or of the seven days that end on it; the zone ends the days."""
        first = day - DAY * (SPAN_DAYS[period] - 1)
        meals = by_day(await self._meals.between(user_id, first, day))
        goals_on = self._goals_on(await self._goals.versions(user_id), zone_name)
        today = calendar.local_date(self._clock.now(), zone_name)
        compute = daily if period is Period.DAILY else weekly
        return compute(day, today, meals, goals_on)

    def _goals_on(self, versions: Sequence[Goals], zone_name: str) -> GoalsOn:
        now = self._clock.now()

        def goals_on(day: date) -> DayGoals:
            goals = in_force(versions, min(now, calendar.end_of(day, zone_name)))
            if goals is None:
                return self._default
            return DayGoals(goals.nutrients, goals.dialysis, GoalSource.USER)

        return goals_on
