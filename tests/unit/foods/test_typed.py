"""A name is found while it is typed, and by its first consonants."""

import unicodedata

import pytest

from dietcare.foods.builtin import builtin_index
from dietcare.foods.typed import Typed, initials, pressed


def names(query: str, limit: int = 20) -> list[str]:
    return [each.row.name for each in builtin_index().search(query, limit)]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("김치전", "ㄱㅣㅁㅊㅣㅈㅓㄴ"),
        ("닭", "ㄷㅏㄹㄱ"),
        ("과", "ㄱㅗㅏ"),
        ("ㅘㄺ", "ㅗㅏㄹㄱ"),
        ("값2", "ㄱㅏㅂㅅ2"),
    ],
)
def test_a_text_is_the_keys_pressed_for_it(text, keys):
    assert pressed(text) == keys


def test_every_syllable_has_its_keys():
    for first in range(ord("가"), ord("힣") + 1):
        assert len(initials(chr(first))) == 1
        assert pressed(chr(first)).startswith(initials(chr(first)))


@pytest.mark.parametrize("name", ["김치찌개", "닭갈비", "과일잼", "삼겹살구이", "달걀말이"])
def test_a_name_is_found_after_every_key_from_the_third_on(name):
    """As an input method shows it on the way: the last syllable grows with every key."""
    keys = pressed(name)
    for end in range(3, len(keys) + 1):
        assert name in [key for key, _ in Typed([name]).find(keys[:end], 5)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("김ㅊ", "배추김치"),
        ("김치ㅉ", "김치찌개"),
        ("김칮", "김치전"),
        ("김치 ㅉ", "김치찌개"),
        ("계란말ㅇ", "달걀말이"),
        ("달ㄱ", "달걀(생것)"),
        ("삼겨", "삼겹살구이"),
        ("ㄱㅣㅁ", "조미김"),
        ("ㄱㅊㅉㄱ", "김치찌개"),
        ("ㄷㅈㅉㄱ", "된장찌개"),
    ],
)
def test_a_name_is_found_while_it_is_typed(query, found):
    assert found in names(query)
    assert found in names(unicodedata.normalize("NFD", query))


def test_the_shortest_comes_first_and_no_more_than_asked_for():
    typed = Typed(["김치찌개", "김치", "김치전"])
    found = list(typed.find("김ㅊ", 2))
    assert [key for key, _ in found] == ["김치", "김치전"]
    assert 0.5 > found[0][1] > found[1][1] > 0


@pytest.mark.parametrize("query", ["", " ", "ㅏ", "!", "abc", "ㅋㅋㅋㅋㅋㅋ", "\U0010ffff"])
def test_what_begins_no_name_finds_none(query):
    assert list(Typed(["김치", "파이"]).find(query, 5)) == []


def test_letters_after_a_whole_name_are_passed_over():
    assert names("김치ㅋㅋ")[0] == "배추김치"
