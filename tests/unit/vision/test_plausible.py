"""What hardly is true of a food is marked, and what is eaten in Korea is not."""

from typing import Any

import pytest

from dietcare.domain.food import Food, violations
from dietcare.domain.nutrients import Nutrients
from dietcare.local.dishes import DISHES
from dietcare.vision.plausible import CODE, with_doubts


def fields(food: Food) -> list[str]:
    assert list(violations(food, "food")) == []  # implausible is not impossible
    warnings = with_doubts(food).warnings
    assert all(warning.code == CODE for warning in warnings)
    return [warning.field for warning in warnings]


@pytest.mark.parametrize(
    ("portion_g", "amounts", "marked"),
    [
        (1_000, {"sodium_mg": 4_000}, []),  # a large 짬뽕
        (200, {"sodium_mg": 5_200}, []),
        (200, {"sodium_mg": 5_300}, ["sodium_mg"]),
        (100, {"protein_g": 42}, ["protein_g"]),
        (300, {"potassium_mg": 2_500, "phosphorus_mg": 4_000}, ["potassium_mg", "phosphorus_mg"]),
        (15, {"sodium_mg": 1_100}, []),  # a spoon of 양념새우젓
        (1_500, {}, []),
        (1_600, {}, ["portion_g"]),
    ],
)
def test_a_figure_beyond_every_usual_dish_is_marked(
    portion_g: float, amounts: dict[str, Any], marked: list[str]
) -> None:
    food = Food("음식", portion_g, Nutrients(**amounts))
    assert fields(food) == marked


def test_no_dish_of_the_simulator_is_implausible() -> None:
    for dish in DISHES:
        assert fields(Food(dish.name_ko, 100, dish.per_100g)) == []
