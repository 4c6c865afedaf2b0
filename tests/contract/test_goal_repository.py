"""Goals: one version in force, every version kept."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from dietcare.domain.goal import CkdStage, Dialysis
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.warning import Warning
from dietcare.messages import Text


@pytest.fixture
def repository(repositories):
    return repositories.goals


def next_version(goals, **changes):
    later = goals.updated_at + timedelta(days=1)
    return replace(goals, version=goals.version + 1, updated_at=later, **changes)


async def test_before_the_first_goals_there_are_none(repository, user):
    assert await repository.get(user) is None
    assert list(await repository.versions(user)) == []


async def test_stored_goals_are_read_back_as_they_were(repository, build, user):
    goals = build.goals(
        user,
        ckd_stage=CkdStage.FIVE,
        dialysis=Dialysis.PERITONEAL,
        weight_kg=61.5,
        chosen=Nutrients(1900, None, 2500, None),
    )
    assert await repository.put(user, goals) is True
    assert await repository.get(user) == goals


async def test_what_the_user_did_not_choose_stays_a_default(repository, build, user):
    await repository.put(user, build.goals(user, chosen=Nutrients(), weight_kg=None))
    stored = await repository.get(user)
    assert stored.chosen == Nutrients()
    assert stored.weight_kg is None
    assert stored.nutrients == Nutrients(2000, 50, 2000, 800)


async def test_warnings_are_said_once_and_not_stored(repository, build, user):
    warning = Warning("GOAL_UNUSUAL", "goals.sodium_mg", Text("warning.goal_unusual"))
    await repository.put(user, build.goals(user, warnings=(warning,)))
    assert (await repository.get(user)).warnings == ()
    assert [each.warnings for each in await repository.versions(user)] == [()]


async def test_the_next_version_replaces_the_one_before_and_both_are_kept(repository, build, user):
    first = build.goals(user)
    second = next_version(first, chosen=Nutrients(protein_g=45))
    third = next_version(second, ckd_stage=CkdStage.FOUR)
    for goals in (first, second, third):
        assert await repository.put(user, goals) is True
    assert await repository.get(user) == third
    assert list(await repository.versions(user)) == [first, second, third]


@pytest.mark.parametrize("version", [2, 3])
async def test_without_goals_only_the_first_version_is_accepted(repository, build, user, version):
    assert await repository.put(user, build.goals(user, version=version)) is False
    assert await repository.get(user) is None
    assert list(await repository.versions(user)) == []


@pytest.mark.parametrize("version", [1, 2, 4])
async def test_any_other_version_is_refused_and_nothing_is_written(
    repository, build, user, version
):
    first = build.goals(user)
    second = next_version(first)
    await repository.put(user, first)
    await repository.put(user, second)
    stale = replace(second, version=version, chosen=Nutrients(sodium_mg=999))
    assert await repository.put(user, stale) is False
    assert await repository.get(user) == second
    assert list(await repository.versions(user)) == [first, second]


async def test_of_many_first_goals_at_once_exactly_one_is_stored(repository, build, user):
    many = [build.goals(user, chosen=Nutrients(sodium_mg=1000 + number)) for number in range(20)]
    results = await asyncio.gather(*(repository.put(user, goals) for goals in many))
    assert results.count(True) == 1
    winner = many[results.index(True)]
    assert await repository.get(user) == winner
    assert list(await repository.versions(user)) == [winner]


async def test_of_many_changes_of_one_version_exactly_one_is_stored(repository, build, user):
    first = build.goals(user)
    await repository.put(user, first)
    many = [next_version(first, chosen=Nutrients(sodium_mg=1000 + n)) for n in range(20)]
    results = await asyncio.gather(*(repository.put(user, goals) for goals in many))
    assert results.count(True) == 1
    winner = many[results.index(True)]
    assert list(await repository.versions(user)) == [first, winner]


async def test_while_goals_change_every_read_of_the_versions_is_without_gaps(
    repository, build, user
):
    goals = build.goals(user)
    await repository.put(user, goals)

    async def change():
        current = goals
        for _ in range(10):
            current = next_version(current)
            assert await repository.put(user, current)

    changing = asyncio.create_task(change())
    while not changing.done():
        versions = [each.version for each in await repository.versions(user)]
        assert versions == list(range(1, len(versions) + 1))
        await asyncio.sleep(0)
    await changing
    assert [each.version for each in await repository.versions(user)] == list(range(1, 12))


async def test_goals_under_another_id_do_not_continue_the_stored_ones(repository, build, user):
    first = build.goals(user)
    await repository.put(user, first)
    assert await repository.put(user, replace(next_version(first), id=build.id())) is False
    assert await repository.get(user) == first


async def test_times_come_back_to_the_millisecond(repository, build, user):
    at = build.at.replace(microsecond=987654)
    await repository.put(user, build.goals(user, updated_at=at))
    assert (await repository.get(user)).updated_at == at.replace(microsecond=987000)


async def test_erasing_deletes_the_goals_and_their_history_and_counts_one(repository, build, user):
    first = build.goals(user)
    await repository.put(user, first)
    await repository.put(user, next_version(first))
    assert await repository.erase(user) == 1
    assert await repository.get(user) is None
    assert list(await repository.versions(user)) == []
    assert await repository.erase(user) == 0


async def test_an_erased_user_may_start_anew_and_finds_nothing_of_before(repository, build, user):
    await repository.put(user, build.goals(user))
    await repository.erase(user)
    fresh = build.goals(user, chosen=Nutrients(sodium_mg=1500))
    assert await repository.put(user, fresh) is True
    assert list(await repository.versions(user)) == [fresh]


@pytest.fixture
async def daily_versions(repository, build, user):
    """Five versions, a day apart, the first one at `build.at`."""
    many = [build.goals(user)]
    while len(many) < 5:
        many.append(next_version(many[-1], chosen=Nutrients(sodium_mg=1000 + len(many))))
    for goals in many:
        assert await repository.put(user, goals)
    return many


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (-9, -5, [1]),  # before the first: it holds for all the time before
        (-9, 0, [1]),
        (-9, 1.5, [1, 2]),
        (0, 0, [1]),
        (1.5, 1.7, [2]),
        (1.5, 3, [2, 3, 4]),
        (2, 3, [3, 4]),
        (3.5, 9, [4, 5]),
        (4, 9, [5]),
        (8, 9, [5]),
    ],
)
async def test_the_versions_between_two_times_are_those_that_hold_then(
    repository, build, user, daily_versions, first, last, expected
):
    between = [build.at + timedelta(days=days) for days in (first, last)]
    found = await repository.versions_between(user, *between)
    assert list(found) == [daily_versions[version - 1] for version in expected]


async def test_before_the_first_goals_there_are_no_versions_between(repository, build, user):
    assert list(await repository.versions_between(user, build.at, build.at)) == []


async def test_of_versions_of_the_same_time_the_last_one_holds(repository, build, user):
    many = [build.goals(user)]
    for version in (2, 3):
        many.append(replace(many[0], version=version, weight_kg=60.0 + version))
    many.append(next_version(many[-1]))
    for goals in many:
        assert await repository.put(user, goals)
    later = build.at + timedelta(days=2)
    assert list(await repository.versions_between(user, build.at, later)) == many[2:]
