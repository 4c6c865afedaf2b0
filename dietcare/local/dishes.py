"""The dishes that the simulator knows.

Figures per 100 g and servings are those of the composition table: MFDS
전국통합식품영양성분정보(음식)표준데이터, 2023-12-27. 쌀밥 and 배추김치 have no serving there.
"""

from dataclasses import dataclass

from dietcare.domain.nutrients import Nutrients


@dataclass(frozen=True, slots=True)
class Dish:
    """A dish: its names, a usual serving, and its nutrients per 100 g."""

    name_ko: str
    name_en: str
    serving_g: float
    per_100g: Nutrients


DISHES = (
    Dish("비빔밥", "Bibimbap", 450, Nutrients(317, 4.47, 132, 63)),
    Dish("김치찌개", "Kimchi stew", 400, Nutrients(491, 3.77, 160, 53)),
    Dish("쌀밥", "Cooked white rice", 210, Nutrients(0, 3.36, 26, 28)),
    Dish("현미밥", "Cooked brown rice", 230, Nutrients(2, 3.1, 41, 57)),
    Dish("고등어구이", "Grilled mackerel", 200, Nutrients(126, 23.38, 330, 306)),
    Dish("미역국", "Seaweed soup", 400, Nutrients(168, 0.65, 81, 14)),
    Dish("된장찌개", "Soybean paste stew", 200, Nutrients(318, 3.38, 151, 55)),
    Dish("배추김치", "Napa cabbage kimchi", 50, Nutrients(551, 1.98, 334, 49)),
    Dish("시금치나물", "Seasoned spinach", 50, Nutrients(136, 3.74, 627, 58)),
    Dish("콩나물무침", "Seasoned soybean sprouts", 50, Nutrients(387, 3.86, 129, 68)),
    Dish("잡채", "Stir-fried glass noodles", 200, Nutrients(360, 4.71, 201, 61)),
    Dish("제육볶음", "Spicy stir-fried pork", 250, Nutrients(501, 12.15, 370, 155)),
    Dish("달걀말이", "Rolled omelette", 100, Nutrients(449, 17.21, 144, 186)),
    Dish("두부조림", "Braised tofu", 50, Nutrients(161, 9.64, 187, 151)),
    Dish("갈비탕", "Beef short rib soup", 670, Nutrients(199, 8.51, 106, 49)),
    Dish("떡국", "Rice cake soup", 700, Nutrients(176, 3.43, 51, 34)),
    Dish("칼국수", "Knife-cut noodle soup", 700, Nutrients(220, 3.3, 87, 38)),
    Dish("김밥", "Gimbap (seaweed rice roll)", 230, Nutrients(307, 4.84, 118, 55)),
    Dish("깍두기", "Cubed radish kimchi", 50, Nutrients(808, 1.56, 283, 36)),
    Dish("콩나물국", "Soybean sprout soup", 400, Nutrients(219, 0.74, 37, 12)),
)


def dish(name_ko: str) -> Dish:
    """The dish of this name.

    Raises:
        KeyError: the simulator knows none.
    """
    return {known.name_ko: known for known in DISHES}[name_ko]
