"""Meals to export."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dietcare.domain.food import Food, NutrientSource
from dietcare.domain.ids import MealId, UserId
from dietcare.domain.meal import Meal, MealType
from dietcare.domain.nutrients import Nutrients, total

RICE = Food("현미밥", 210, Nutrients(2, 5.5, 180.25, None), nutrient_source=NutrientSource.TABLE)


@pytest.fixture
def new_meal(user: str) -> Callable[..., Meal]:
    """A breakfast of brown rice at eight in Seoul, or what is said of it."""
    count = iter(range(1, 1_000))

    def make(*foods: Food, day: str = "2025-11-27", **changes: Any) -> Meal:
        at = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
        eaten = foods or (RICE,)
        meal = Meal(
            id=MealId(f"{next(count):024x}"),
            user_id=UserId(user),
            meal_type=MealType.BREAKFAST,
            foods=eaten,
            total_nutrients=total(food.nutrients for food in eaten),
            logged_at=at.replace(hour=8),
            local_date=date.fromisoformat(day),
            time_zone="Asia/Seoul",
            created_at=at,
            updated_at=at,
        )
        return replace(meal, **changes)

    return make


@pytest.fixture
def stream() -> Callable[..., AsyncIterator[Any]]:
    async def each(*items: Any) -> AsyncIterator[Any]:
        for item in items:
            yield item

    return each


@pytest.fixture
def joined() -> Callable[..., Any]:
    async def join(parts: AsyncIterator[bytes]) -> bytes:
        return b"".join([part async for part in parts])

    return join
