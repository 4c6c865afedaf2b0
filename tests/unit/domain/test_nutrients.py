"""Sums of what is known, and how much of it is known. Unknown is never 0."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dietcare.domain.nutrients import Known, Nutrient, Nutrients, known_of, total

AMOUNTS = st.none() | st.floats(0, 5_000).map(lambda amount: round(amount, 3))
PARTS = st.lists(st.builds(Nutrients, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS), max_size=20)


def test_a_sum_has_three_decimals():
    parts = [Nutrients(0.1, 0.1234, 1, 2), Nutrients(0.2, 0.1234, 1, 2)]

    assert total(parts) == Nutrients(0.3, 0.247, 2, 4)


def test_what_is_unknown_adds_nothing_and_shows_in_the_coverage():
    parts = [Nutrients(10, None, 5, None), Nutrients(20, 1.5, None, None)]

    assert total(parts) == Nutrients(30, 1.5, 5, 0)
    assert known_of(parts).coverage() == Nutrients(None, 0.5, 0.5, 0)


def test_there_is_no_coverage_where_everything_is_known():
    assert known_of([Nutrients(0, 0, 0, 0), Nutrients(1, 2, 3, 4)]).coverage() is None


def test_there_is_no_coverage_of_nothing():
    assert known_of([]).coverage() is None
    assert total([]) == Nutrients(0, 0, 0, 0)


def test_zero_is_known():
    assert known_of([Nutrients(0, None, None, None)]).sodium_mg == 1


def test_coverage_of_parts_adds_up():
    assert Known(2, 1, 2, 0, 2) + Known(1, 1, 0, 0, 1) == Known(3, 2, 2, 0, 3)


def test_nutrients_are_built_from_a_mapping_and_by_asking():
    assert Nutrients.of({Nutrient.SODIUM: 1, Nutrient.PROTEIN: None}) == Nutrients(sodium_mg=1)
    assert Nutrients.each(lambda n: len(n.value)) == Nutrients(9, 9, 12, 13)


@pytest.mark.parametrize("nutrient", list(Nutrient))
def test_an_unknown_amount_counts_nothing_in_a_sum(nutrient):
    assert Nutrients()[nutrient] is None
    assert Nutrients().amount(nutrient) == 0


@given(PARTS)
def test_total_and_coverage_are_those_of_a_naive_count(parts):
    summed, coverage = total(parts), known_of(parts).coverage()

    for name in ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg"):
        known = [getattr(part, name) for part in parts if getattr(part, name) is not None]
        assert math.isclose(getattr(summed, name), math.fsum(known), abs_tol=0.001)
        share = getattr(coverage, name) if coverage else None
        if len(known) == len(parts):
            assert share is None
        else:
            assert share == pytest.approx(len(known) / len(parts), abs=0.000501)
