"""Everything of one user, exported and erased."""

import pytest

from dietcare.domain.analysis import Analysis
from dietcare.domain.goal import CkdStage, GoalChange, Goals
from dietcare.domain.meal import Meal
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.streak import Streak
from dietcare.erasure.eraser import Erased

SEOUL = "Asia/Seoul"


@pytest.fixture
def fill(services, stored, build, clock, new_id):
    """Give a user two meals, goals in two versions, an analysis and a session."""

    async def filled(owner: str) -> None:
        for at in ("2025-11-27T02:00:00Z", "2025-11-26T02:00:00Z"):
            await services.meals.log(owner, build.draft(at), SEOUL)
        await services.goals.update(owner, GoalChange(ckd_stage=CkdStage.THREE))
        await services.goals.update(owner, GoalChange(Nutrients(sodium_mg=1900)))
        session = await services.sessions.take(owner)
        made = Analysis(new_id(), owner, session.id, (build.rice,), "m", "1", 5, 10, clock.now())
        await stored.analyses.insert(owner, made)

    return filled


async def test_an_export_has_every_record_of_one_user(services, fill, user, other):
    await fill(user)
    await fill(other)

    records = [record async for record in services.account.export(user, SEOUL)]

    assert [type(each) for each in records] == [Goals, Goals, Streak, Meal, Meal, Analysis]
    assert {each.user_id for each in records if not isinstance(each, Streak)} == {user}
    assert [each.nutrients.sodium_mg for each in records[:2]] == [2000, 1900]
    assert records[2].current_streak == 2
    assert records[3].logged_at < records[4].logged_at


async def test_an_export_of_nobody_is_an_empty_streak(services, user):
    assert [each async for each in services.account.export(user, SEOUL)] == [Streak()]


async def test_erasing_takes_one_user_and_leaves_the_others(services, fill, user, other, clock):
    await fill(user)
    await fill(other)
    clock.advance(hours=1)

    erased = await services.eraser.erase(user)

    assert erased == Erased(meals=2, analyses=1, goals=1, sessions=1, streaks=1)
    assert [each async for each in services.account.export(user, SEOUL)] == [Streak()]
    assert len([each async for each in services.account.export(other, SEOUL)]) == 6


async def test_erasing_again_erases_nothing(services, fill, user, clock):
    await fill(user)
    clock.advance(hours=1)
    await services.eraser.erase(user)

    assert await services.eraser.erase(user) == Erased(0, 0, 0, 0, 0)


async def test_the_limit_of_the_running_hour_outlives_its_user(services, fill, user):
    await fill(user)

    assert (await services.eraser.erase(user)).sessions == 0

    assert (await services.sessions.status(user)).remaining == 9


async def test_an_erased_user_may_start_anew(services, stored, fill, user, build):
    await fill(user)
    await services.eraser.erase(user)

    goals = await services.goals.update(user, GoalChange(ckd_stage=CkdStage.FIVE))
    logged = await services.meals.log(user, build.draft(), SEOUL)

    assert (goals.version, len(await stored.goals.versions(user))) == (1, 1)
    assert (logged.streak.current_streak, logged.streak.longest_streak) == (1, 1)
