"""Pages by number and by keyset against slices of a sorted list."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dietcare.domain.food import Food
from dietcare.domain.meal import Meal, MealCursor, MealFilter, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.repositories.memory.meals import MemoryMealRepository

AT = datetime(2025, 11, 27, 9, 30, tzinfo=UTC)
USER = "507f1f77bcf86cd799439011"
RICE = Food("밥", 210, Nutrients(2, 5.2, 157, 189))

# Few instants, so that there are ties; three types, so that filters leave something out.
logged = st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(list(MealType)[:3])), max_size=12)
filters = st.builds(
    MealFilter,
    meal_type=st.none() | st.sampled_from(MealType),
    first_date=st.none() | st.integers(-3, 3).map(lambda days: date(2025, 11, 27 + days)),
    last_instant=st.none() | st.integers(-3, 3).map(lambda days: AT + timedelta(days)),
)


def stored(many):
    repository, meals = MemoryMealRepository(), []
    for number, (days, meal_type) in enumerate(many):
        at = AT + timedelta(days)
        meal = Meal(
            *(f"{number * 7919 % 10007:024x}", USER, meal_type, (RICE,), RICE.nutrients),
            *(at, at.date(), "Asia/Seoul", at, at),
        )
        asyncio.run(repository.insert(USER, meal))
        meals.append(meal)
    return repository, meals


def matches(meal, where):
    if where.meal_type is not None and meal.meal_type is not where.meal_type:
        return False
    if where.first_date is not None and meal.local_date < where.first_date:
        return False
    return where.last_instant is None or meal.logged_at <= where.last_instant


@settings(deadline=None)
@given(logged, filters, st.integers(1, 5))
def test_every_page_is_a_slice_and_both_ways_give_the_same_list(many, where, size):
    repository, meals = stored(many)
    expected = [meal for meal in meals if matches(meal, where)]
    expected.sort(key=lambda meal: (meal.logged_at, meal.id), reverse=True)

    async def walk():
        for start in range(0, len(expected) + 2 * size, size):
            page = await repository.page(USER, where, skip=start, limit=size)
            assert list(page.meals) == expected[start : start + size]
            assert page.total == len(expected)
            assert page.has_more == (start + size < len(expected))
        page, walked = await repository.page(USER, where, skip=0, limit=size), []
        walked += page.meals
        while page.has_more:
            cursor = MealCursor(walked[-1].logged_at, walked[-1].id)
            page = await repository.page_after(USER, where, cursor, limit=size)
            assert page.total == len(expected)
            walked += page.meals
        assert walked == expected

    asyncio.run(walk())
