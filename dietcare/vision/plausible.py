"""Marks what may be true of a food but hardly is.

The bounds are the highest figures per 100 g of the 527 dishes of the national table (MFDS
전국통합식품영양성분정보(음식)표준데이터, 2023-12-27) without seasonings served by the spoon,
and its largest serving. They hold for portions of 100 g and more: salted and dried foods come in
less.
"""

from collections.abc import Iterator
from dataclasses import replace

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.warning import Warning
from dietcare.messages import text

CODE = "IMPLAUSIBLE"
PORTION_MAX_G = 1_500
DISH_MIN_G = 100
PER_100G_MAX = Nutrients(
    sodium_mg=2_606,  # 멸치볶음
    protein_g=41.55,  # 건새우볶음
    potassium_mg=761,  # 콩자반
    phosphorus_mg=1_081,  # 멸치볶음
)


def with_doubts(food: Food) -> Food:
    """The food with a warning for every figure that is implausible."""
    return replace(food, warnings=tuple(_doubts(food)))


def _doubts(food: Food) -> Iterator[Warning]:
    if food.portion_g > PORTION_MAX_G:
        values = {"maximum": PORTION_MAX_G}
        yield Warning(CODE, "portion_g", text("warning.implausible_portion", **values))
    if food.portion_g < DISH_MIN_G:
        return
    for nutrient, amount in food.nutrients.known():
        if amount > PER_100G_MAX.amount(nutrient) * food.portion_g / 100:
            yield Warning(CODE, nutrient.value, text("warning.implausible_amount"))
