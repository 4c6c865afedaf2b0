"""A user's goals: those in force, their changes, and those that held at an instant."""

import asyncio

import pytest

from dietcare.domain.goal import CkdStage, GoalChange
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import GoalNotFoundError, InvalidGoalRangeError, StaleVersionError
from dietcare.repositories.memory.goals import MemoryGoalRepository
from dietcare.services.goal import GoalService, in_force

STAGE_3 = GoalChange(ckd_stage=CkdStage.THREE)


async def test_there_are_no_goals_before_the_first_are_set(services, user):
    with pytest.raises(GoalNotFoundError):
        await services.goals.get(user)


async def test_goals_that_were_set_are_in_force(services, user, clock):
    set_ = await services.goals.update(user, STAGE_3)

    assert await services.goals.get(user) == set_
    assert (set_.user_id, set_.version, set_.updated_at) == (user, 1, clock.now())


async def test_refused_goals_change_nothing(services, stored, user, refused):
    before = await services.goals.update(user, STAGE_3)

    with refused(InvalidGoalRangeError):
        await services.goals.update(user, GoalChange(Nutrients(sodium_mg=1)))

    assert await services.goals.get(user) == before
    assert len(await stored.goals.versions(user)) == 1


async def test_every_version_is_kept_and_one_users_goals_are_nobody_elses(
    services, stored, user, other
):
    await services.goals.update(user, STAGE_3)
    await services.goals.update(user, GoalChange(Nutrients(sodium_mg=1900)))

    versions = await stored.goals.versions(user)

    assert [(goals.version, goals.nutrients.sodium_mg) for goals in versions] == [
        (1, 2000),
        (2, 1900),
    ]
    assert versions[0].id == versions[1].id
    with pytest.raises(GoalNotFoundError):
        await services.goals.get(other)


async def test_changes_at_once_all_happen(services, user):
    await services.goals.update(user, STAGE_3)
    changes = [
        GoalChange(Nutrients(sodium_mg=1900)),
        GoalChange(Nutrients(protein_g=45)),
        GoalChange(weight_kg=70),
    ]

    await asyncio.gather(*(services.goals.update(user, change) for change in changes))

    goals = await services.goals.get(user)
    assert (goals.nutrients, goals.weight_kg) == (Nutrients(1900, 45, 2000, 800), 70)
    assert goals.version == 4


async def test_a_writer_that_always_loses_gives_up(clock, new_id, user):
    class Contended(MemoryGoalRepository):
        async def put(self, user_id, goals):
            return False

    with pytest.raises(StaleVersionError):
        await GoalService(Contended(), clock, new_id).update(user, STAGE_3)


def test_the_first_version_also_holds_for_all_the_time_before(build):
    first = build.goals()
    second = build.goals(version=2, updated_at=build.instant("2025-11-25T10:00:00Z"))
    versions = [first, second]

    assert in_force(versions, build.instant("1999-01-01T00:00:00Z")) is first
    assert in_force(versions, build.instant("2025-11-20T10:00:00Z")) is first
    assert in_force(versions, build.instant("2025-11-25T09:59:59.999Z")) is first
    assert in_force(versions, build.instant("2025-11-25T10:00:00Z")) is second
    assert in_force(versions, build.instant("2099-01-01T00:00:00Z")) is second
    assert in_force([], build.instant("2025-11-25T10:00:00Z")) is None
