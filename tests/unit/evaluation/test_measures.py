"""Errors of amounts and of names, against figures worked out by hand."""

import pytest

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.evaluation.measures import AmountError, FoodScore, amount_error, food_score


def foods(*sodium_mg):
    return tuple(Food("밥", 100, Nutrients(sodium_mg=each)) for each in sodium_mg)


def sodium(*pairs):
    return amount_error(Nutrient.SODIUM, pairs)


def test_errors_are_those_of_whole_photos():
    error = sodium((foods(100, 100), foods(150)), (foods(400), foods(300, 200)))
    assert error == AmountError(2, mean_absolute=75, mean_percent=25, bias=25)


def test_a_photo_whose_truth_is_not_wholly_known_is_left_out():
    assert sodium((foods(100, None), foods(100)), (foods(10), foods(20))).photos == 1


def test_a_photo_of_which_nothing_was_estimated_is_left_out():
    assert sodium((foods(100), foods(None))) == AmountError(0, None, None, None)


def test_what_was_estimated_of_a_part_counts():
    assert sodium((foods(100), foods(90, None))).bias == -10


def test_no_food_is_an_amount_of_zero():
    error = sodium((foods(), foods(50)), (foods(100), foods()))
    assert error == AmountError(2, mean_absolute=75, mean_percent=100, bias=-25)


def test_a_truth_of_zero_has_no_percentage():
    assert sodium((foods(0), foods(50))) == AmountError(1, 50, None, 50)


def names(*given):
    return tuple(Food(name, 100) for name in given)


def test_foods_are_found_by_identity_each_as_often_as_it_is_there():
    pairs = [
        (names("밥", "밥", "국"), names("밥", "밥", "밥")),
        (names("Kimchi"), names("kimchi", "물")),
    ]
    score = food_score(pairs, str.lower)
    assert score == FoodScore(precision=3 / 5, recall=3 / 4, f1=pytest.approx(2 / 3))


def test_where_there_is_nothing_to_find_there_is_no_score():
    assert food_score([((), ())], str) == FoodScore(None, None, None)
