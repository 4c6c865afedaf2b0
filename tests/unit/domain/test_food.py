"""What a food of a meal may say: its name, its portion, and what is possible in it."""

import math
import unicodedata

import pytest

from dietcare.domain.food import Food, has_control_characters, normalised_name, violations
from dietcare.domain.nutrients import Nutrients
from dietcare.messages import Language


def fields(food: Food) -> dict[str, str]:
    return {each.field: each.text.render(Language.EN) for each in violations(food, "foods[0]")}


def test_the_seeds_rice_is_valid(build):
    assert fields(build.rice) == {}


def test_a_kilogram_of_jjamppong_with_four_grams_of_sodium_is_real(build):
    assert fields(build.food("짬뽕", 1_000, sodium_mg=4_000)) == {}


@pytest.mark.parametrize(
    ("nutrient", "portion_g", "most"),
    [
        ("sodium_mg", 1, 393),
        ("sodium_mg", 10, 3_930),
        ("potassium_mg", 1, 524),
        ("potassium_mg", 12.5, 6_550),
        ("phosphorus_mg", 1, 316),
        ("phosphorus_mg", 0.5, 158),
        ("protein_g", 1, 0.95),
        ("protein_g", 100, 95),
        ("protein_g", 0.3, 0.285),
    ],
)
def test_a_nutrient_is_possible_up_to_its_share_of_the_portion(build, nutrient, portion_g, most):
    assert fields(build.food("x", portion_g, **{nutrient: most})) == {}

    broken = fields(build.food("x", portion_g, **{nutrient: most * 1.0001}))
    assert list(broken) == [f"foods[0].{nutrient}"]
    assert broken[f"foods[0].{nutrient}"] == f"at most {most:g} is possible in {portion_g:g} g"


def test_all_nutrients_together_weigh_at_most_the_portion(build):
    # 9 g protein + 0.4 + 0.3 + 0.3 g of minerals in 10 g.
    whole = {"protein_g": 9, "sodium_mg": 400, "potassium_mg": 300, "phosphorus_mg": 300}

    assert fields(build.food("x", 10, **whole)) == {}
    assert fields(build.food("x", 10, **(whole | {"sodium_mg": 401}))) == {
        "foods[0]": "the nutrients together weigh more than the portion"
    }


@pytest.mark.parametrize("portion_g", [0.001, 1, 4_999.9, 5_000])
def test_a_portion_is_above_nothing_and_at_most_five_kilograms(build, portion_g):
    assert fields(build.food("x", portion_g)) == {}


@pytest.mark.parametrize("portion_g", [0, -0.0, -1, 5_000.001, math.inf, -math.inf, math.nan])
def test_no_other_portion_is_one(build, portion_g):
    assert fields(build.food("x", portion_g)) == {
        "foods[0].portion_g": "must be above 0 and at most 5000"
    }


@pytest.mark.parametrize("nutrient", ["sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg"])
@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        (-0.001, "must not be negative"),
        (math.nan, "must be a finite number"),
        (math.inf, "must be a finite number"),
        (-math.inf, "must be a finite number"),
    ],
)
def test_an_amount_is_finite_and_not_negative(build, nutrient, amount, sentence):
    assert fields(build.food("x", 100, **{nutrient: amount})) == {f"foods[0].{nutrient}": sentence}


def test_an_amount_is_judged_also_where_the_portion_is_wrong(build):
    broken = fields(build.food("", 0, sodium_mg=-1, protein_g=5))

    assert list(broken) == ["foods[0].name", "foods[0].portion_g", "foods[0].sodium_mg"]


def test_zero_and_unknown_amounts_are_fine():
    assert fields(Food("물", 200, Nutrients(0, 0, 0, 0))) == {}
    assert fields(Food("물", 200, Nutrients())) == {}


@pytest.mark.parametrize(
    "name",
    ["밥", "a" * 200, "가" * 200, "Crème brûlée", "寿司", "🍜", "كبسة", "밥 (소)", "e\u0301"],
)
def test_a_name_has_any_script(build, name):
    assert fields(build.food(name, 100)) == {}


@pytest.mark.parametrize("name", ["", "a" * 201])
def test_a_name_has_1_to_200_characters(build, name):
    assert fields(build.food(name, 100)) == {"foods[0].name": "must have 1 to 200 characters"}


@pytest.mark.parametrize(
    "character",
    ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\x9f", "\u202e", "\u2066", "\u2069"],
)
@pytest.mark.parametrize("place", ["{}밥", "현{}미", "밥{}"])
def test_control_characters_in_a_name_are_refused_wherever_they_stand(build, character, place):
    name = normalised_name(place.format(character))

    assert fields(build.food(name, 100)) == {"foods[0].name": "must not contain control characters"}


def test_a_name_is_the_same_typed_on_any_machine():
    composed = "김치찌개"
    decomposed = unicodedata.normalize("NFD", composed)

    assert decomposed != composed
    assert normalised_name(decomposed) == composed
    assert normalised_name(f" {composed}\u3000") == composed


def test_joiners_of_emoji_are_no_control_characters():
    assert not has_control_characters("👩‍🍳")
