"""The dishes that the simulator knows: names and servings; figures are the composition table's."""

from dataclasses import dataclass

from dietcare.domain.composition import FoodRow
from dietcare.domain.nutrients import Nutrients
from dietcare.foods.builtin import builtin_index


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish of the table by its name there, and a usual serving in g."""

    name_ko: str
    serving_g: float

    @property
    def name_en(self) -> str:
        """What it is called in English."""
        return self._row.name_en

    @property
    def per_100g(self) -> Nutrients:
        """What is in 100 g of it."""
        return self._row.per_100

    @property
    def _row(self) -> FoodRow:
        found = builtin_index().match(self.name_ko)
        if found is None:
            raise AssertionError("the table has every dish of the simulator")
        return found.row


DISHES = (
    Dish("비빔밥", 450),
    Dish("김치찌개", 400),
    Dish("쌀밥", 210),
    Dish("현미밥", 230),
    Dish("고등어구이", 200),
    Dish("미역국", 400),
    Dish("된장찌개", 200),
    Dish("배추김치", 50),
    Dish("시금치나물", 50),
    Dish("콩나물무침", 50),
    Dish("잡채", 200),
    Dish("제육볶음", 250),
    Dish("달걀말이", 100),
    Dish("두부조림", 50),
    Dish("갈비탕", 670),
    Dish("떡국", 700),
    Dish("칼국수", 700),
    Dish("김밥", 230),
    Dish("깍두기", 50),
    Dish("콩나물국", 400),
)


def dish(name_ko: str) -> Dish:
    """The dish of this name.

    Raises:
        KeyError: the simulator knows none.
    """
    return {known.name_ko: known for known in DISHES}[name_ko]
