"""A portion takes the figures of a row, and no other."""

from dietcare.domain.composition import Basis, FoodRow, with_figures
from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.warning import Warning
from dietcare.messages import Language, text

CLAIMED = Food("설렁탕", 333, Nutrients(9, 9, 9, 9), Confidence.LOW, NutrientSource.MODEL)


def row(**said):
    per_100 = said.pop("per_100", Nutrients(22, 4.26, 23, 17))
    return FoodRow("D1", "설렁탕", per_100, "MFDS", "2023", **said)


def test_every_nutrient_is_the_rows_times_the_portion_to_three_decimals():
    food = with_figures(CLAIMED, row())
    assert food == Food(
        "설렁탕",
        333,
        Nutrients(73.26, 14.186, 76.59, 56.61),
        Confidence.LOW,
        NutrientSource.TABLE,
        "D1",
    )


def test_what_the_row_does_not_know_is_unknown_whatever_the_model_claims():
    food = with_figures(CLAIMED, row(per_100=Nutrients(sodium_mg=0)))
    assert food.nutrients == Nutrients(sodium_mg=0)


def test_a_row_analysed_before_salt_asks_for_it_in_both_languages():
    (warning,) = with_figures(CLAIMED, row(before_salt=True)).warnings
    assert (warning.code, warning.field) == ("SALT_NOT_INCLUDED", "sodium_mg")
    for language in Language:
        assert "390 mg" in warning.text.render(language)


def test_a_row_per_100_ml_says_so():
    (warning,) = with_figures(CLAIMED, row(basis=Basis.MILLILITRES)).warnings
    assert (warning.code, warning.field) == ("FIGURES_PER_100_ML", "portion_g")


def test_doubts_of_the_portion_stay_and_those_of_figures_that_are_gone_go():
    doubts = [
        Warning("IMPLAUSIBLE", field, text("warning.implausible_amount"))
        for field in ("portion_g", "sodium_mg", "protein_g")
    ]
    food = Food("설렁탕", 2_000, warnings=tuple(doubts))
    assert with_figures(food, row()).warnings == (doubts[0],)
