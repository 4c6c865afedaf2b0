"""The national CSV is read by its columns' names, in either encoding, and bad rows are refused."""

import csv
import io
import re
from pathlib import Path

import pytest

from dietcare.domain.composition import Basis, FoodRow
from dietcare.domain.nutrients import Nutrients
from dietcare.foods.index import FoodIndex
from dietcare.foods.national import Refusal, UnreadableFileError, decoded, read_national
from dietcare.foods.national_row import NUTRIENTS

# Four rows of MFDS 전국통합식품영양성분정보(음식)표준데이터, 2023-12-27, in its own 51 columns.
FILE = Path(__file__).parent / "national.csv"
TEXT = FILE.read_text(encoding="utf-8-sig")


def table(*changes, drop=()):
    """The first row of the file, changed in each of these ways, without the columns to drop."""
    (first, *_) = csv.DictReader(io.StringIO(TEXT))
    rows = [
        {**first, "식품코드": f"D{number:03}", **change} for number, change in enumerate(changes)
    ]
    out = io.StringIO()
    writer = csv.DictWriter(
        out, [name for name in first if name not in drop], extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)
    return list(read_national(out.getvalue()))


def refused(**change):
    (found,) = table(change)
    assert isinstance(found, Refusal)
    assert found.line == 2
    return found.reason


def test_rows_are_read_as_they_are():
    rows = {row.name: row for row in read_national(TEXT)}
    assert rows["무조림"] == FoodRow(
        code="D111-520000000-0001",
        name="무조림",
        category="조림류",
        per_100=Nutrients(779, 2.26, 446, 57),
        energy_kcal=48,
        serving=150,
        source="D111-520000000-0001 무조림 [식품의약품안전처 가정식(분석 함량) 분석]",
        version="2023-12-27",
    )


def test_a_row_per_100_ml_keeps_its_unit():
    (row,) = [row for row in read_national(TEXT) if row.name == "볶음밥_배추김치_참치"]
    assert (row.basis, row.serving) == (Basis.MILLILITRES, 510)


def test_a_serving_in_another_unit_than_the_figures_is_unknown():
    (row,) = table({"영양성분함량기준량": "100g", "식품중량": "510ml"})
    assert row.serving is None


def test_an_empty_cell_is_unknown_and_zero_is_zero():
    (row,) = table({"인(mg)": "", "칼륨(mg)": "0", "에너지(kcal)": ""})
    assert (row.per_100.phosphorus_mg, row.per_100.potassium_mg) == (None, 0)
    assert row.energy_kcal is None


def test_a_name_in_parts_is_found_as_people_say_it():
    rows = table({"식품명": "김밥_참치"}, {"식품명": "국밥_순대국밥"})
    index = FoodIndex(rows)
    assert index.match("참치 김밥").row.name == "김밥_참치"
    assert index.match("순댓국밥").row.name == "국밥_순대국밥"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_either_encoding_gives_the_same(encoding):
    rows = list(read_national(decoded(TEXT.encode(encoding))))
    assert rows == list(read_national(TEXT))
    assert len(rows) == 4


def test_columns_may_come_in_any_order_and_others_are_passed_over():
    rows = list(csv.DictReader(io.StringIO(TEXT)))
    out = io.StringIO()
    writer = csv.DictWriter(out, [*reversed(rows[0]), "새 열"])
    writer.writeheader()
    writer.writerows(rows)
    assert list(read_national(out.getvalue())) == list(read_national(TEXT))


def test_columns_that_are_not_needed_may_be_missing():
    (row,) = table({}, drop=("식품대분류명", "식품중량", "출처명", "식품기원명", "데이터기준일자"))
    assert (row.category, row.serving, row.version) == ("", None, "")


@pytest.mark.parametrize(
    "column", ["식품코드", "식품명", "영양성분함량기준량", *NUTRIENTS.values()]
)
def test_a_column_that_is_needed_is_named_when_it_is_missing(column):
    with pytest.raises(UnreadableFileError, match="columns are missing") as caught:
        table({}, drop=(column,))
    assert column in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", "한글".encode("utf-16")])
def test_another_encoding_is_told(data):
    with pytest.raises(UnreadableFileError, match="neither UTF-8 nor CP949"):
        decoded(data)


def test_what_is_no_table_is_told():
    with pytest.raises(UnreadableFileError):
        list(read_national(""))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"식품코드": ""}, "식품코드 is ''"),
        ({"식품코드": "{$ne: 1}"}, "식품코드 is '{$ne: 1}'"),
        ({"식품명": " "}, "식품명 is ''"),
        ({"식품명": "가" * 201}, "식품명 is '" + "가" * 20 + "'"),
        ({"영양성분함량기준량": "1인분"}, "영양성분함량기준량 is '1인분', not 100g or 100ml"),
        ({"나트륨(mg)": "미량"}, "나트륨(mg) is '미량'"),
        ({"나트륨(mg)": "nan"}, "나트륨(mg) is 'nan'"),
        ({"나트륨(mg)": "inf"}, "나트륨(mg) is 'inf'"),
        ({"나트륨(mg)": "1,5"}, "나트륨(mg) is '1,5'"),
        ({"나트륨(mg)": ",5"}, "나트륨(mg) is ',5'"),
        ({"나트륨(mg)": "1,2345"}, "나트륨(mg) is '1,2345'"),
        ({"나트륨(mg)": "1_0"}, "나트륨(mg) is '1_0'"),
        ({"나트륨(mg)": "１０"}, "나트륨(mg) is '１０'"),
        ({"나트륨(mg)": "1e2"}, "나트륨(mg) is '1e2'"),
        ({"나트륨(mg)": "1."}, "나트륨(mg) is '1.'"),
        ({"나트륨(mg)": "+5"}, "나트륨(mg) is '+5'"),
        ({"나트륨(mg)": "-1"}, "sodium_mg: must not be negative"),
        ({"나트륨(mg)": "39301"}, "sodium_mg: at most 39300 is possible in 100 g"),
        ({"단백질(g)": "96"}, "protein_g: at most 95 is possible in 100 g"),
        ({"에너지(kcal)": "903"}, "에너지(kcal) is 903"),
        ({"식품대분류명": "국\x1b[2J"}, "식품대분류명 is '국\\x1b[2J'"),
        ({"출처명": "가" * 201}, "출처명 is '" + "가" * 20 + "'"),
        (dict.fromkeys(NUTRIENTS.values(), ""), "none of the four nutrients is known"),
    ],
)
def test_a_row_that_can_not_be_trusted_is_refused_with_its_reason(change, reason):
    assert refused(**change) == reason


@pytest.mark.parametrize("code", ["=HYPERLINK(A1)", "\x1b[31mD1", "D" * 65])
def test_what_is_no_code_is_told_in_the_reason_alone(code):
    (found,) = table({"식품코드": code})
    assert found == Refusal(2, "", f"식품코드 is {code[:20]!r}")


def test_a_row_that_is_refused_does_not_take_its_code_from_a_good_one():
    bad, good = table({"식품코드": "D101-1", "출처명": "가" * 201}, {"식품코드": "D101-1"})
    assert isinstance(bad, Refusal)
    assert isinstance(good, FoodRow)


@pytest.mark.parametrize("weight", ["５００g", "0g", "g", "500", "-5g", "1e2g"])
def test_a_serving_that_is_no_plain_amount_is_unknown(weight):
    (row,) = table({"영양성분함량기준량": "100g", "식품중량": weight})
    assert row.serving is None


def test_commas_between_thousands_are_read():
    (row,) = table({"나트륨(mg)": "1,234.5"})
    assert row.per_100.sodium_mg == 1234.5


@pytest.mark.parametrize("column", ["나트륨(mg)", "식품대분류명"])
def test_a_column_that_is_there_twice_is_told(column):
    header, *rows = TEXT.splitlines(keepends=True)
    twice = f"{column},{header}" + "".join(f"1,{row}" for row in rows)
    with pytest.raises(UnreadableFileError, match="there twice: " + re.escape(column)):
        list(read_national(twice))


@pytest.mark.parametrize("before", ["x" * 200_000, '"'])
def test_a_cell_without_an_end_costs_its_own_row_alone(before):
    header, first, *rest = TEXT.splitlines(keepends=True)
    refusal, *others = read_national(header + before + first + "".join(rest))
    assert isinstance(refusal, Refusal)
    assert (refusal.line, refusal.reason.startswith("it is no CSV")) == (2, True)
    assert others == list(read_national(TEXT))[1:]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way_and_empty_ones_are_passed_over(end):
    text = (end * 2).join(TEXT.splitlines()) + end
    assert list(read_national(text)) == list(read_national(TEXT))


def test_a_code_that_comes_again_is_refused():
    first, again = table({"식품코드": "D101-1"}, {"식품코드": "D101-1"})
    assert isinstance(first, FoodRow)
    assert again == Refusal(3, "D101-1", "식품코드 has come before")


@pytest.mark.parametrize("line", ["D101-1,무조림\n", ",".join(["x"] * 60) + "\n"])
def test_a_row_of_another_length_is_refused_and_the_others_are_read(line):
    header, *rows = TEXT.splitlines(keepends=True)
    found = list(read_national(header + line + "".join(rows)))
    assert isinstance(found[0], Refusal)
    assert found[0].line == 2
    assert len([each for each in found if isinstance(each, FoodRow)]) == 4


def test_a_soup_with_less_salt_than_any_soup_has_was_analysed_before_it():
    soup = {"식품대분류명": "국 및 탕류"}
    unsalted, salted, dish = table(
        {**soup, "나트륨(mg)": "99"}, {**soup, "나트륨(mg)": "100"}, {"나트륨(mg)": "99"}
    )
    assert (unsalted.before_salt, salted.before_salt, dish.before_salt) == (True, False, False)


@pytest.mark.parametrize(
    "change",
    [
        {"식품명": "국밥_돼지고기", "식품대분류명": "밥류"},
        {"식품명": "수육_돼지고기", "식품대분류명": "찜류"},
        {"식품명": "콩국수", "식품대분류명": "면 및 만두류"},
        {"식품명": "갈치찌개", "식품대분류명": "찌개 및 전골류"},
    ],
)
def test_so_was_any_dish_that_is_salted_at_the_table(change):
    (row,) = table({**change, "나트륨(mg)": "91"})
    assert row.before_salt
