"""All of a user's meals, those that were moved to the archive too."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

from dietcare.domain.ids import MealId
from dietcare.domain.meal import Meal


async def whole(
    meals: AsyncGenerator[Meal, None], archived: AsyncGenerator[Meal, None]
) -> AsyncGenerator[Meal, None]:
    """Both, which come oldest first, in one such order; both are closed with this.

    `meals` are asked first, so that one that is moved meanwhile is in one of them or in both, and
    comes once.
    """
    async with aclosing(meals), aclosing(archived):
        meal = await anext(meals, None)
        async for old in archived:
            while meal is not None and _place(meal) < _place(old):
                yield meal
                meal = await anext(meals, None)
            if meal is not None and meal.id == old.id:
                meal = await anext(meals, None)
            yield old
        while meal is not None:
            yield meal
            meal = await anext(meals, None)


def _place(meal: Meal) -> tuple[datetime, MealId]:
    return meal.logged_at, meal.id
