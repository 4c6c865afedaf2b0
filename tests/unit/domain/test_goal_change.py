"""Setting goals: what is required, what stays, what is refused."""

import math

import pytest

from dietcare.domain.goal import (
    CkdStage,
    Dialysis,
    GoalChange,
    GoalSource,
    changed_goals,
    first_goals,
)
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.errors import InvalidGoalRangeError, ValidationError

THREE, FOUR, FIVE = CkdStage.THREE, CkdStage.FOUR, CkdStage.FIVE
RANGES = [
    ("sodium_mg", 500, 6000),
    ("protein_g", 15, 200),
    ("potassium_mg", 500, 6000),
    ("phosphorus_mg", 300, 4000),
    ("weight_kg", 30, 300),
]


@pytest.fixture
def first(clock, user):
    def made(**said):
        nutrients = {name: said.pop(name) for name in list(said) if name in list(Nutrient)}
        change = GoalChange(Nutrients(**nutrients), **said)
        return first_goals(change, goal_id="0" * 24, user_id=user, now=clock.now())

    return made


@pytest.fixture
def then(clock):
    def made(goals, **said):
        nutrients = {name: said.pop(name) for name in list(said) if name in list(Nutrient)}
        clock.advance(days=1)
        return changed_goals(goals, GoalChange(Nutrients(**nutrients), **said), now=clock.now())

    return made


def test_the_first_goals_of_a_stage_are_its_defaults(first, clock):
    goals = first(ckd_stage=THREE)

    assert goals.nutrients == Nutrients(2000, 50, 2000, 800)
    assert goals.dialysis is Dialysis.NONE
    assert (goals.version, goals.updated_at, goals.warnings) == (1, clock.now(), ())


def test_the_first_goals_need_a_stage(first, refused):
    with refused() as fields:
        first(sodium_mg=1800)

    assert fields == {"ckd_stage": "is required"}
    with refused() as fields:
        first(sodium_mg=9999)
    assert set(fields) == {"ckd_stage", "sodium_mg"}


@pytest.mark.parametrize(("name", "minimum", "maximum"), RANGES)
def test_both_borders_of_a_range_are_accepted(first, name, minimum, maximum):
    for value in (minimum, maximum):
        goals = first(ckd_stage=THREE, **{name: value})
        found = goals.weight_kg if name == "weight_kg" else goals.nutrients[Nutrient(name)]
        assert found == value


@pytest.mark.parametrize(("name", "minimum", "maximum"), RANGES)
@pytest.mark.parametrize("place", ["below", "above", "negative", "nan", "infinite"])
def test_beyond_a_range_is_refused_with_the_range(first, refused, name, minimum, maximum, place):
    below, above = minimum - 0.01, maximum + 0.01
    values = {"below": below, "above": above, "negative": -1, "nan": math.nan}
    value = values.get(place, math.inf)

    with refused(InvalidGoalRangeError) as fields:
        first(ckd_stage=THREE, **{name: value})

    assert fields == {name: f"must be from {minimum} to {maximum}"}


def test_every_violated_field_of_goals_is_named_at_once(first, refused):
    with refused(ValidationError) as fields:
        first(ckd_stage=FOUR, dialysis=Dialysis.PERITONEAL, sodium_mg=1, weight_kg=301)

    assert set(fields) == {"dialysis", "sodium_mg", "weight_kg"}


@pytest.mark.parametrize("stage", ["1", "2", "3", "4"])
@pytest.mark.parametrize("dialysis", [Dialysis.HEMODIALYSIS, Dialysis.PERITONEAL])
def test_dialysis_is_only_possible_with_stage_5(first, refused, stage, dialysis):
    with refused() as fields:
        first(ckd_stage=CkdStage(stage), dialysis=dialysis)

    assert fields == {"dialysis": "dialysis is only possible with stage 5"}
    assert first(ckd_stage=FIVE, dialysis=dialysis).dialysis is dialysis


def test_what_a_change_does_not_say_stays(first, then):
    goals = first(ckd_stage=THREE, sodium_mg=1800, weight_kg=70)

    goals = then(goals, potassium_mg=2500)

    assert goals.nutrients == Nutrients(1800, 55, 2500, 800)
    assert (goals.ckd_stage, goals.weight_kg, goals.version) == (THREE, 70, 2)
    assert goals.warnings == ()


def test_a_default_of_an_earlier_stage_never_survives(first, then):
    goals = first(ckd_stage=CkdStage.ONE)
    assert goals.nutrients == Nutrients(2000, 60, 3500, 1000)

    goals = then(goals, ckd_stage=THREE)
    assert goals.nutrients == Nutrients(2000, 50, 2000, 800)

    goals = then(goals, ckd_stage=FIVE, dialysis=Dialysis.PERITONEAL)
    assert goals.nutrients == Nutrients(2000, 75, 3000, 1000)

    goals = then(goals, weight_kg=60)
    assert goals.nutrients == Nutrients(2000, 70, 3000, 1000)

    goals = then(goals, dialysis=Dialysis.NONE)
    assert goals.nutrients == Nutrients(2000, 50, 2000, 800)
    assert {goals.source(n) for n in Nutrient} == {GoalSource.DEFAULT}


def test_a_chosen_value_that_equals_the_default_is_still_the_users(first, then):
    goals = then(first(ckd_stage=CkdStage.ONE, potassium_mg=3500), ckd_stage=THREE)

    assert goals.nutrients.potassium_mg == 3500
    assert goals.source(Nutrient.POTASSIUM) is GoalSource.USER


def test_dialysis_that_was_chosen_stays_and_contradicts_an_earlier_stage(first, then, refused):
    goals = first(ckd_stage=FIVE, dialysis=Dialysis.HEMODIALYSIS)

    assert then(goals, sodium_mg=1900).dialysis is Dialysis.HEMODIALYSIS
    with refused() as fields:
        then(goals, ckd_stage=THREE)
    assert set(fields) == {"dialysis"}
    assert then(goals, ckd_stage=THREE, dialysis=Dialysis.NONE).ckd_stage is THREE


def test_a_change_keeps_the_ranges(first, then, refused):
    with refused(InvalidGoalRangeError) as fields:
        then(first(ckd_stage=THREE), phosphorus_mg=299)

    assert fields == {"phosphorus_mg": "must be from 300 to 4000"}


def test_a_version_never_holds_from_before_the_one_it_replaces(first, then, clock):
    goals = first(ckd_stage=THREE)
    clock.advance(days=-2)  # and `then` goes on one

    changed = then(goals, sodium_mg=1900)

    assert clock.now() < goals.updated_at
    assert (changed.updated_at, changed.version) == (goals.updated_at, 2)
