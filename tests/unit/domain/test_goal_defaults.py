"""Default goals: the whole table of the contract, and what a weight makes of the protein."""

import pytest

from dietcare.domain.goal import CkdStage, Dialysis, GoalSource, defaults
from dietcare.domain.nutrients import Nutrient, Nutrients

NONE, HEMO, PERITONEAL = "none", "hemodialysis", "peritoneal"


@pytest.mark.parametrize(
    ("stage", "dialysis", "sodium", "protein", "potassium", "phosphorus"),
    [
        ("1", NONE, 2000, 60, 3500, 1000),
        ("2", NONE, 2000, 60, 3000, 1000),
        ("3", NONE, 2000, 50, 2000, 800),
        ("4", NONE, 2000, 50, 2000, 800),
        ("5", NONE, 2000, 50, 2000, 800),
        ("5", HEMO, 2000, 70, 2000, 1000),
        ("5", PERITONEAL, 2000, 75, 3000, 1000),
    ],
)
def test_the_table_of_defaults(stage, dialysis, sodium, protein, potassium, phosphorus):
    found = defaults(CkdStage(stage), Dialysis(dialysis), None)

    assert found == Nutrients(sodium, protein, potassium, phosphorus)


@pytest.mark.parametrize(
    ("dialysis", "weight_kg", "protein_g"),
    [
        (NONE, 30, 25),  # 24
        (NONE, 60, 50),  # 48
        (NONE, 53, 40),  # 42.4
        (NONE, 53.125, 45),  # 42.5: half a step goes up
        (NONE, 62.5, 50),
        (NONE, 65.6, 50),  # 52.48
        (NONE, 65.7, 55),  # 52.56
        (NONE, 70, 55),  # 56
        (NONE, 72, 60),  # 57.6
        (NONE, 149, 120),  # 119.2
        (NONE, 160, 120),  # 128
        (NONE, 300, 120),  # 240
        (HEMO, 30, 35),  # 33
        (HEMO, 60, 65),  # 66
        (HEMO, 70, 75),  # 77
        (HEMO, 75, 85),  # 82.5
        (HEMO, 109, 120),  # 119.9
        (HEMO, 200, 120),
        (PERITONEAL, 30, 35),  # 36
        (PERITONEAL, 60, 70),  # 72
        (PERITONEAL, 70, 85),  # 84
        (PERITONEAL, 98, 120),  # 117.6
        (PERITONEAL, 300, 120),
    ],
)
def test_a_weight_makes_the_protein_default(dialysis, weight_kg, protein_g):
    stage = CkdStage.THREE if dialysis == NONE else CkdStage.FIVE
    table = defaults(stage, Dialysis(dialysis), None)

    found = defaults(stage, Dialysis(dialysis), weight_kg)

    assert found.protein_g == protein_g
    assert (found.sodium_mg, found.potassium_mg, found.phosphorus_mg) == (
        table.sodium_mg,
        table.potassium_mg,
        table.phosphorus_mg,
    )


def test_a_weight_counts_in_the_early_stages_too():
    assert defaults(CkdStage.ONE, Dialysis.NONE, 80).protein_g == 65  # 64
    assert defaults(CkdStage.ONE, Dialysis.NONE, 62.5).protein_g == 50


def test_chosen_values_hold_and_the_rest_are_defaults(build):
    goals = build.goals(chosen=Nutrients(sodium_mg=1800), weight_kg=70)

    assert goals.nutrients == Nutrients(1800, 55, 2000, 800)
    assert goals.source(Nutrient.SODIUM) is GoalSource.USER
    assert [goals.source(n) for n in Nutrient][1:] == [GoalSource.DEFAULT] * 3
