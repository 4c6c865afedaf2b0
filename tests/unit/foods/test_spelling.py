"""Letters that sound alike are one letter; one letter more, less or other is one apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dietcare.foods.names import key
from dietcare.foods.spelling import letters, one_apart


def distance(one, other):
    """The edit distance, by the book."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


@given(st.text("abㄱ", max_size=6), st.text("abㄱ", max_size=6))
def test_one_apart_is_an_edit_distance_of_one(one, other):
    assert one_apart(one, other) == (distance(one, other) == 1)


@pytest.mark.parametrize(
    ("one", "other"), [("떡뽁이", "떡볶이"), ("육계장", "육개장"), ("잡체", "잡채")]
)
def test_letters_that_sound_alike_are_the_same(one, other):
    assert letters(one) == letters(other)


@pytest.mark.parametrize(("one", "other"), [("콩", "공"), ("팥", "밭"), ("김치국", "김치죽")])
def test_other_letters_are_not(one, other):
    assert letters(one) != letters(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("계란 찜", "달걀찜"),
        ("쇠고기 뭇국", "소고기무국"),
        ("순댓국", "순대국"),
        ("오뎅볶음", "어묵볶음"),
        ("ＬＡ갈비", "la 갈비"),
        ("Fried Eggs", "fried egg"),
        ("tomatoes", "Tomato"),
    ],
)
def test_spellings_of_the_same_have_one_key(one, other):
    assert key(one) == key(other)
