"""Everything that is stored of one user, exported. It is erased in `dietcare.erasure`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from dietcare.clock import Clock
from dietcare.domain.analysis import Analysis
from dietcare.domain.goal import Goals
from dietcare.domain.ids import UserId
from dietcare.domain.meal import Meal
from dietcare.domain.streak import Streak
from dietcare.export.files import FileForm
from dietcare.export.history import whole
from dietcare.repositories.port import Repositories
from dietcare.services.streak import StreakService

Record = Meal | Goals | Analysis | Streak


class AccountService:
    """A user's whole account."""

    def __init__(self, repositories: Repositories, streaks: StreakService, clock: Clock) -> None:
        self._stored = repositories
        self._streaks = streaks
        self._clock = clock

    async def export(self, user_id: UserId, zone_name: str) -> AsyncGenerator[Record, None]:
        """Every record of the user: goals in all their versions, oldest first, streak, meals,
        archived ones too, and analyses; the last two in constant memory.
        """
        for goals in await self._stored.goals.versions(user_id):
            yield goals
        yield await self._streaks.get(user_id, zone_name)
        async with aclosing(self._meals(user_id)) as meals:
            async for meal in meals:
                yield meal
        async with aclosing(self._stored.analyses.all(user_id)) as analyses:
            async for analysis in analyses:
                yield analysis

    async def export_file(self, user_id: UserId, form: FileForm) -> AsyncGenerator[bytes, None]:
        """The user's meals as a file, in pieces and in constant memory."""
        now = self._clock.now()
        async with (
            aclosing(self._meals(user_id)) as meals,
            aclosing(form.write(user_id, meals, now)) as file,
        ):
            async for piece in file:
                yield piece

    def _meals(self, user_id: UserId) -> AsyncGenerator[Meal, None]:
        return whole(self._stored.meals.all(user_id), self._stored.archive.all(user_id))
