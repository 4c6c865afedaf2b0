"""Rows are found by name, alias, end, spelling and part, and told apart where it matters."""

import unicodedata

import pytest

from dietcare.domain.composition import FoodRow
from dietcare.domain.nutrients import Nutrients
from dietcare.foods.builtin import builtin_index, builtin_rows
from dietcare.foods.index import THRESHOLD, FoodIndex


def row(code, name, **said):
    return FoodRow(code, name, Nutrients(sodium_mg=1), "test", "1", **said)


def matched(name, index=None):
    found = (index or builtin_index()).match(name)
    return None if found is None else found.row.name


def test_every_name_and_alias_of_the_table_finds_its_own_row():
    for each in builtin_rows():
        for name in (each.name, *each.aliases, each.name_en):
            assert matched(name) == each.name, name


@pytest.mark.parametrize(
    "name",
    [
        "김치찌개",
        unicodedata.normalize("NFD", "김치찌개"),
        *(
            " 김치  찌개 ",
            "김치-찌개!",
            "김치찌개(1인분)",
            "김치찌개 2그릇",
            "김치찌개 (Kimchi stew)",
        ),
    ],
)
def test_a_name_is_the_same_however_it_is_typed(name):
    assert matched(name) == "김치찌개"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("감자(삶은 것)", "감자(삶은것)"),
        ("삶은 감자", "감자(삶은것)"),
        ("감자(생것)", "감자(생것)"),
        ("라면", "라면"),
        ("라면 (면만)", "라면 면만"),
        ("라면 국물", "라면 국물"),
        ("라면(조리 전)", "라면(조리 전)"),
        ("김밥 (참치)", "참치김밥"),
        ("김밥_참치", "참치김밥"),
        ("구운 고등어", "고등어구이"),
        ("milk chocolate", "밀크초콜릿"),
        ("chocolate milk", "초코우유"),
        ("Kimchi stew with pork", "돼지고기김치찌개"),
        ("pork kimchi stew", "돼지고기김치찌개"),
    ],
)
def test_states_and_parts_tell_rows_apart(name, found):
    assert matched(name) == found


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("김치죽", "one letter from 김치국, and another dish"),
        ("배추무침", "one letter from 부추무침, and another food"),
        ("굴비찜", "one letter from 갈비찜"),
        ("저염 된장찌개", "less salt than the row"),
        ("무염 간장", "no salt at all"),
        ("말린 바나나", "other minerals per 100 g"),
        ("토마토주스 (가염)", "the row is without salt"),
        ("salted grilled mackerel", "the row is hardly salted"),
        ("자반 고등어구이", "salted before it is grilled"),
        ("간고등어구이", "the same"),
        ("라면(건면)", "not cooked yet, five times the salt per 100 g"),
        ("라면 (끓이기 전)", "the same"),
        ("라면 1봉지", "the same: what is in a packet"),
        ("믹스커피 1봉지", "a powder, ten times the drink's minerals"),
        ("rice (raw)", "not cooked yet"),
        ("rice (dry)", "the same"),
        ("rice (uncooked)", "the same"),
        ("라면 (익히기 전)", "the same"),
        ("언두부", "dried by freezing"),
        ("포두부", "pressed and dried"),
        ("갈비탕 국물", "not all of the dish"),
        ("쌀밥과 미역국", "two foods"),
        ("김치찌개, 공기밥", "two foods"),
        ("밥과 소고기미역국", "two foods"),
        ("김치, 소고기미역국", "two foods"),
        ("새우만두", "the row called 만두 has meat"),
        ("굴 순두부찌개", "the row called 순두부찌개 has kimchi"),
        ("소고기미역죽", "one letter from 소고기미역국, and another dish"),
        ("삼치샌드위치", "one letter from 참치샌드위치, and another fish"),
        ("", "nothing"),
        ("!?", "nothing"),
        ("가" * 200, "nothing"),
    ],
)
def test_what_is_not_the_same_food_is_not_taken_for_it(name, why):
    assert matched(name) is None, why


def test_a_fruit_that_ends_like_and_is_no_conjunction():
    assert matched("사과 파이") == "사과파이"


def test_a_row_may_have_several_names_and_the_earlier_row_keeps_one():
    index = FoodIndex(
        [row("1", "새우전"), row("2", "새우 전"), row("3", "굴전", aliases=("새우전",))]
    )
    assert index.match("새우전").row.code == "1"


def test_a_name_comes_before_an_alias():
    index = FoodIndex([row("1", "지짐이", aliases=("부침개",)), row("2", "부침개")])
    assert index.match("부침개").row.code == "2"


def test_names_of_an_earlier_group_come_before_those_of_a_later_one():
    index = FoodIndex([row("1", "지짐이", aliases=("부침개",))], [row("2", "부침개")])
    assert index.match("부침개").row.code == "1"


def test_the_longer_the_modifier_the_lower_the_score():
    scores = [
        builtin_index().nearest(f"{word} 떡볶이").score for word in ("쌀", "로제", "참깨로제")
    ]
    assert scores == sorted(scores, reverse=True)
    assert 1 > scores[0] > scores[-1]


def test_a_search_gives_the_nearest_first_and_then_what_contains_it():
    found = builtin_index().search("된장찌개", 10)
    assert found[0].row.name == "된장찌개"
    assert found[0].score == 1
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert all("된장" in each.row.name for each in found)
    assert len({each.row.code for each in found}) == len(found) > 1


def test_a_search_for_a_part_is_no_match():
    found = builtin_index().search("찌개", 100)
    assert found
    assert all(0 < each.score < THRESHOLD for each in found)


def test_a_search_gives_no_more_than_asked_for():
    assert len(builtin_index().search("밥", 3)) == 3
    assert list(builtin_index().search("zzz", 3)) == []


def test_a_search_in_english():
    assert builtin_index().search("seaweed soup", 5)[0].row.name == "미역국"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("찌개 김치", "김치찌개"),
        ("국 미역", "미역국"),
        ("kimchi 찌개", "김치찌개"),
        ("치즈 pizza", "치즈피자"),
        ("김치 stew", "김치찌개"),
    ],
)
def test_a_search_finds_all_words_in_any_order_and_language(query, found):
    assert found in [each.row.name for each in builtin_index().search(query, 3)]


def test_a_search_in_the_middle_of_a_syllable_is_for_what_begins_so_and_not_for_less():
    assert [each.row.name for each in builtin_index().search("된장ㅉ", 20)] == ["된장찌개"]
    assert all(each.score < 1 for each in builtin_index().search("김ㅊ", 20))
    assert "조미김" not in [each.row.name for each in builtin_index().search("김ㅊ", 100)]


def test_what_begins_as_is_typed_comes_after_what_contains_it():
    found = [each.row.name for each in builtin_index().search("삼계", 5)]
    assert found[0] == "삼계탕(소금 넣기 전)"
    assert builtin_index().search("삼겨", 5)[0].row.name == "삼겹살구이"
    scores = [each.score for each in builtin_index().search("달", 100)]
    assert scores == sorted(scores, reverse=True)


def test_an_empty_table_finds_nothing():
    assert FoodIndex(()).match("김치찌개") is None
    assert list(FoodIndex(()).search("김치찌개", 5)) == []


def test_english_words_in_another_order_that_are_two_foods_find_neither():
    rows = [row("1", "가", name_en="Rice cake soup"), row("2", "나", name_en="Soup cake rice")]
    assert FoodIndex(rows[:1]).match("cake rice soup").row.code == "1"
    assert FoodIndex(rows).match("cake rice soup") is None
