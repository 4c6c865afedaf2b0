"""Progress: what was eaten against the goals that held."""

from datetime import date, datetime

from dietcare.clock import Clock
from dietcare.domain import calendar
from dietcare.domain.calendar import DAY, WEEK_DAYS
from dietcare.domain.goal import CkdStage, Dialysis, GoalSource, defaults
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
        goals_on = await self._goals_on(user_id, period, day, zone_name)
        today = calendar.local_date(self._clock.now(), zone_name)
        compute = daily if period is Period.DAILY else weekly
        return compute(day, today, meals, goals_on)

    async def _goals_on(
        self, user_id: UserId, period: Period, day: date, zone_name: str
    ) -> GoalsOn:
        now = self._clock.now()
        first = day if period is Period.DAILY else calendar.week_ending(day)[0]

        def decisive(each: date) -> datetime:
            return min(now, calendar.end_of(each, zone_name))

        versions = await self._goals.versions_between(user_id, decisive(first), decisive(day))

        def goals_on(each: date) -> DayGoals:
            goals = in_force(versions, decisive(each))
            if goals is None:
                return self._default
            return DayGoals(goals.nutrients, goals.dialysis, GoalSource.USER)

        return goals_on
