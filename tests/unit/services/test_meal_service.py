"""Meals of a user: logged, read, changed, deleted; the streak follows each time."""

import asyncio
from datetime import date

import pytest

from dietcare.domain.analysis import Analysis
from dietcare.domain.meal import MealChange, MealDraft, MealFilter, MealType
from dietcare.errors import InvalidMealDataError, MealNotFoundError, StaleVersionError
from dietcare.repositories.memory.meals import MemoryMealRepository
from dietcare.services.meal import MealService

SEOUL = "Asia/Seoul"


@pytest.fixture
def log(services, build, user):
    async def logged(at: str | None = None, *, owner: str = user, **said):
        return await services.meals.log(owner, build.draft(at, **said), SEOUL)

    return logged


@pytest.fixture
def change():
    def named(**values) -> MealChange:
        return MealChange(
            frozenset(values), MealDraft(**({"meal_type": None, "foods": ()} | values))
        )

    return named


@pytest.fixture
async def analysis(stored, build, user, clock) -> Analysis:
    made = Analysis("a" * 24, user, "b" * 24, (build.rice,), "m", "1", 5, 10, clock.now())
    await stored.analyses.insert(user, made)
    return made


async def test_a_logged_meal_is_read_back(log, services, user):
    logged = await log("2025-11-27T00:30:00Z")

    assert await services.meals.get(user, logged.meal.id) == logged.meal
    assert (logged.streak.current_streak, logged.streak.longest_streak) == (1, 1)


async def test_a_meal_counts_for_the_date_of_its_zone(log, services, user):
    logged = await log("2025-11-26T23:00:00Z", time_zone="America/New_York")

    assert logged.meal.local_date == date(2025, 11, 26)
    assert (await services.streaks.get(user, SEOUL)).last_logged_date == date(2025, 11, 26)


async def test_a_refused_meal_leaves_nothing(log, services, user, refused):
    with refused(InvalidMealDataError):
        await log("1999-01-01T00:00:00Z")

    assert (await services.meals.page(user, MealFilter(), 1, 20)).total == 0
    assert (await services.streaks.get(user, SEOUL)).total_days_logged == 0


async def test_a_meal_of_somebody_else_does_not_exist(log, services, other, change):
    meal = (await log()).meal

    for attempt in (
        services.meals.get(other, meal.id),
        services.meals.update(other, meal.id, change(note="x")),
        services.meals.update(other, meal.id, change()),
        services.meals.delete(other, meal.id, SEOUL),
    ):
        with pytest.raises(MealNotFoundError):
            await attempt


async def test_a_meal_names_an_analysis_of_the_same_user(log, analysis, refused, other):
    assert (await log(analysis_id=analysis.id)).meal.analysis_id == analysis.id

    for owner, wanted in ((other, analysis.id), (analysis.user_id, "c" * 24)):
        with refused(InvalidMealDataError) as fields:
            await log(owner=owner, analysis_id=wanted)
        assert fields == {"analysis_id": "is no analysis of this user"}


async def test_a_change_names_an_analysis_of_the_same_user(
    log, services, analysis, refused, user, change
):
    meal = (await log()).meal

    with refused(InvalidMealDataError) as fields:
        await services.meals.update(user, meal.id, change(analysis_id="c" * 24))
    assert set(fields) == {"analysis_id"}
    changed = await services.meals.update(user, meal.id, change(analysis_id=analysis.id))
    assert changed.meal.analysis_id == analysis.id
    changed = await services.meals.update(user, meal.id, change(analysis_id=None))
    assert changed.meal.analysis_id is None


async def test_meals_are_listed_newest_first_by_page(log, services, user):
    ids = [(await log(f"2025-11-2{day}T03:00:00Z")).meal.id for day in (1, 3, 2, 2)]

    first = await services.meals.page(user, MealFilter(), 1, 3)
    second = await services.meals.page(user, MealFilter(), 2, 3)

    # Ties by id, also newest first: these ids count up.
    assert [meal.id for meal in first.meals] == [ids[1], ids[3], ids[2]]
    assert [meal.id for meal in second.meals] == [ids[0]]
    assert (first.total, first.has_more, second.total, second.has_more) == (4, True, 4, False)


async def test_a_list_is_filtered_by_type_and_local_date(log, services, user):
    await log("2025-11-26T23:00:00Z", meal_type=MealType.SNACK)  # the 27th in Seoul
    await log("2025-11-26T03:00:00Z", meal_type=MealType.SNACK)
    await log("2025-11-27T01:00:00Z", meal_type=MealType.LUNCH)
    where = MealFilter(MealType.SNACK, first_date=date(2025, 11, 27), last_date=date(2025, 11, 27))

    found = await services.meals.page(user, where, 1, 20)

    assert [meal.logged_at.hour for meal in found.meals] == [23]


async def test_a_change_is_stored_with_a_new_version(log, services, user, change, clock):
    meal = (await log()).meal
    clock.advance(minutes=5)

    changed = await services.meals.update(user, meal.id, change(note="남김"))

    assert (changed.meal.note, changed.meal.version) == ("남김", 2)
    assert changed.meal.updated_at == clock.now() != changed.meal.created_at
    assert await services.meals.get(user, meal.id) == changed.meal


async def test_a_change_of_nothing_changes_nothing(log, services, user, change, clock):
    logged = await log()
    clock.advance(minutes=5)

    assert await services.meals.update(user, logged.meal.id, change()) == logged


async def test_changes_at_once_all_happen(log, services, user, change):
    meal = (await log()).meal

    await asyncio.gather(
        *(services.meals.update(user, meal.id, change(note=str(n))) for n in range(8))
    )

    assert (await services.meals.get(user, meal.id)).version == 9


async def test_a_writer_that_always_loses_gives_up(
    services, stored, build, user, change, clock, new_id
):
    class Contended(MemoryMealRepository):
        async def replace(self, user_id, meal):
            return False

    meals = MealService(
        Contended(), stored.analyses, services.streaks, clock, new_id, stored.idempotency
    )
    logged = await meals.log(user, build.draft(), SEOUL)

    with pytest.raises(StaleVersionError):
        await meals.update(user, logged.meal.id, change(note="x"))


async def test_moving_a_meal_moves_the_streak(log, services, user, change, build):
    await log("2025-11-25T03:00:00Z")
    meal = (await log("2025-11-27T02:00:00Z")).meal
    assert (await services.streaks.get(user, SEOUL)).current_streak == 1

    moved = change(logged_at=build.instant("2025-11-26T02:00:00Z"))
    changed = await services.meals.update(user, meal.id, moved)

    assert changed.meal.local_date == date(2025, 11, 26)
    assert (changed.streak.current_streak, changed.streak.longest_streak) == (2, 2)


async def test_deleting_the_last_meal_of_a_day_breaks_the_streak(log, services, user):
    for day in (25, 27):
        await log(f"2025-11-{day}T02:00:00Z")
    bridge = [(await log("2025-11-26T02:00:00Z")).meal.id for _ in range(2)]
    assert (await services.streaks.get(user, SEOUL)).current_streak == 3

    assert (await services.meals.delete(user, bridge[0], SEOUL)).current_streak == 3
    assert (await services.meals.delete(user, bridge[1], SEOUL)).current_streak == 1
    with pytest.raises(MealNotFoundError):
        await services.meals.delete(user, bridge[1], SEOUL)
