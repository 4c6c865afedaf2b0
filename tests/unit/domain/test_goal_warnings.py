"""What is accepted but unusual about goals."""

import pytest

from dietcare.domain.goal import (
    CkdStage,
    Dialysis,
    GoalChange,
    changed_goals,
    standing_warnings,
)
from dietcare.domain.nutrients import Nutrients
from dietcare.messages import Language

UNUSUAL, RATIO, CHANGED = "GOAL_UNUSUAL", "PHOSPHORUS_TO_PROTEIN", "STAGE_CHANGED"
SODIUM, PROTEIN = "goals.sodium_mg", "goals.protein_g"
POTASSIUM, PHOSPHORUS = "goals.potassium_mg", "goals.phosphorus_mg"


def seen(warnings) -> list[tuple[str, str]]:
    return [(each.code, each.field) for each in warnings]


@pytest.mark.parametrize("stage", list(CkdStage))
def test_the_defaults_are_not_unusual(build, stage):
    assert standing_warnings(build.goals(ckd_stage=stage)) == ()
    for dialysis in (Dialysis.HEMODIALYSIS, Dialysis.PERITONEAL):
        goals = build.goals(ckd_stage=CkdStage.FIVE, dialysis=dialysis)
        assert standing_warnings(goals) == ()


@pytest.mark.parametrize(
    ("field", "minimum", "maximum", "step"),
    [
        ("sodium_mg", 1500, 2300, 1),
        ("potassium_mg", 1500, 4700, 1),
        ("phosphorus_mg", 600, 1500, 1),
    ],
)
def test_both_borders_of_a_usual_range_are_usual(build, field, minimum, maximum, step):
    def warned(value: float) -> list[tuple[str, str]]:
        chosen = Nutrients(**({"protein_g": 40} | {field: value}))
        return seen(standing_warnings(build.goals(chosen=chosen)))

    assert warned(minimum) == warned(maximum) == []
    assert warned(minimum - step) == warned(maximum + step) == [(UNUSUAL, f"goals.{field}")]


@pytest.mark.parametrize(
    ("dialysis", "weight_kg", "minimum", "maximum"),
    [
        # 0.55 to 1.3 g/kg, 1.0 to 1.5 on dialysis; 62.5 kg where the weight is not known.
        (Dialysis.NONE, 60, 33, 78),
        (Dialysis.NONE, 70, 38.5, 91),
        (Dialysis.NONE, None, 34.375, 81.25),
        (Dialysis.HEMODIALYSIS, 60, 60, 90),
        (Dialysis.PERITONEAL, 55, 55, 82.5),
        (Dialysis.PERITONEAL, None, 62.5, 93.75),
    ],
)
def test_usual_protein_follows_weight_and_dialysis(build, dialysis, weight_kg, minimum, maximum):
    stage = CkdStage.THREE if dialysis is Dialysis.NONE else CkdStage.FIVE

    def warned(protein_g: float) -> bool:
        chosen = Nutrients(protein_g=protein_g, phosphorus_mg=1500)
        goals = build.goals(ckd_stage=stage, dialysis=dialysis, weight_kg=weight_kg, chosen=chosen)
        return (UNUSUAL, PROTEIN) in seen(standing_warnings(goals))

    assert not warned(minimum)
    assert not warned(maximum)
    assert warned(minimum - 0.01)
    assert warned(maximum + 0.01)


def test_a_warning_says_the_usual_range_in_both_languages(build):
    (warning,) = standing_warnings(build.goals(chosen=Nutrients(sodium_mg=2400)))

    assert warning.text.render(Language.EN) == (
        "is outside the usual range (1500 to 2300). Please ask your care team"
    )
    assert "1500–2300" in warning.text.render(Language.KO)


@pytest.mark.parametrize(
    ("protein_g", "phosphorus_mg", "warned"),
    [(60, 600, False), (60.1, 600, True), (80, 799, True), (80, 800, False)],
)
def test_less_than_10_mg_of_phosphorus_per_g_of_protein_is_out_of_reach(
    build, protein_g, phosphorus_mg, warned
):
    chosen = Nutrients(protein_g=protein_g, phosphorus_mg=phosphorus_mg)

    codes = seen(standing_warnings(build.goals(chosen=chosen)))

    assert ((RATIO, PHOSPHORUS) in codes) is warned


def test_a_new_stage_names_its_default_for_every_value_that_stays(build, clock):
    goals = build.goals(ckd_stage=CkdStage.ONE, chosen=Nutrients(sodium_mg=1800, potassium_mg=3400))
    change = GoalChange(ckd_stage=CkdStage.FOUR)

    changed = changed_goals(goals, change, now=clock.now())

    assert changed.nutrients == Nutrients(1800, 50, 3400, 800)
    assert seen(changed.warnings) == [(CHANGED, SODIUM), (CHANGED, POTASSIUM)]
    assert [each.text.render(Language.EN) for each in changed.warnings] == [
        "the stage has changed; its default is 2000",
        "the stage has changed; its default is 2000",
    ]


def test_a_value_said_with_the_new_stage_needs_no_warning(build, clock):
    goals = build.goals(chosen=Nutrients(sodium_mg=1800, protein_g=55))
    change = GoalChange(Nutrients(sodium_mg=1900), CkdStage.FIVE)

    changed = changed_goals(goals, change, now=clock.now())

    assert seen(changed.warnings) == [(CHANGED, PROTEIN)]
    later = changed_goals(changed, GoalChange(Nutrients(sodium_mg=1950)), now=clock.now())
    assert later.warnings == ()


def test_the_same_stage_again_is_no_change_of_stage(build, clock):
    goals = build.goals(chosen=Nutrients(sodium_mg=1800))
    change = GoalChange(ckd_stage=CkdStage.THREE)

    assert changed_goals(goals, change, now=clock.now()).warnings == ()


def test_dialysis_that_begins_names_its_defaults_too(build, clock):
    goals = build.goals(ckd_stage=CkdStage.FIVE, chosen=Nutrients(protein_g=65))
    change = GoalChange(dialysis=Dialysis.PERITONEAL)

    (warning,) = changed_goals(goals, change, now=clock.now()).warnings

    assert (warning.code, warning.field) == (CHANGED, PROTEIN)
    assert warning.text.render(Language.EN).endswith("75")


def test_a_change_brings_up_what_is_unusual(build, clock):
    change = GoalChange(Nutrients(sodium_mg=3000, protein_g=30, phosphorus_mg=299 + 1))

    warnings = changed_goals(build.goals(), change, now=clock.now()).warnings

    assert set(seen(warnings)) == {(UNUSUAL, SODIUM), (UNUSUAL, PROTEIN), (UNUSUAL, PHOSPHORUS)}
