"""Labelled photos are read whole, or refused with everything that is wrong."""

import unicodedata

import pytest

from dietcare.domain.nutrients import Nutrients
from dietcare.evaluation.truth import COLUMNS, TRUTH_FILE, TruthError, read_truth

HEADER = ",".join(COLUMNS)


@pytest.fixture
def truth(tmp_path):
    """Reads a truth of these rows; the folder has a.jpg and b.jpg."""
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "results").mkdir()

    def read(*rows, header=HEADER, encoding="utf-8"):
        (tmp_path / TRUTH_FILE).write_text("\n".join([header, *rows]), encoding=encoding)
        return read_truth(tmp_path)

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_photo_has_all_its_foods_and_unknown_is_not_zero(truth, encoding):
    rows = ("a.jpg,밥,200,0,6.5,52,", "b.jpg,국,300,700,,,", "a.jpg,김치,50,275,,,")
    first, second = truth(*rows, encoding=encoding)
    assert [first.path.name, second.path.name] == ["a.jpg", "b.jpg"]
    assert [food.name for food in first.foods] == ["밥", "김치"]
    assert first.foods[0].nutrients == Nutrients(0, 6.5, 52, None)
    assert second.foods[0].portion_g == 300


def test_a_file_alone_is_a_photo_of_no_food(truth):
    (photo,) = truth("a.jpg,,,,,,")
    assert photo.foods == ()


def test_everything_that_is_wrong_is_said_at_once(truth):
    rows = (
        "c.jpg,밥,200,0,,,",
        "../a.jpg,밥,200,0,,,",
        "a.jpg,,200,0,,,",
        "a.jpg,밥,,0,,,",
        "a.jpg,밥,200,much,,,",
        "a.jpg,밥,200,-1,,,",
        "a.jpg,밥,200,900000,,,",
    )
    with pytest.raises(TruthError) as error:
        truth(*rows)
    lines = str(error.value).splitlines()
    found = [line.split(":")[:2] for line in lines]
    expected = ["file", "file", "name", "portion_g", "sodium_mg", "sodium_mg", "sodium_mg"]
    assert found[:6] == [[f"line {n}", f" {name}"] for n, name in enumerate(expected[:6], 2)]
    assert found[6] == ["line 8", " sodium_mg"]


@pytest.mark.parametrize("amount", ["1_0", "１０", '"1,5"', "1e2", "nan", "inf", "+5", "5 mg"])
def test_what_is_no_plain_number_is_refused(truth, amount):
    with pytest.raises(TruthError, match="line 2: sodium_mg"):
        truth(f"a.jpg,밥,200,{amount},,,")


@pytest.mark.parametrize("row", ["a.jpg,밥,200,1,2,3", "a.jpg,밥, 국,200,1,2,3,4", "a.jpg"])
def test_a_row_of_another_length_is_refused(truth, row):
    with pytest.raises(TruthError, match="line 2: it has not as many cells"):
        truth(row)


@pytest.mark.parametrize(("named", "written"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_korean_file_name_is_the_same_on_any_system(truth, tmp_path, named, written):
    path = tmp_path / unicodedata.normalize(named, "점심.jpg")
    path.touch()
    (photo,) = truth(unicodedata.normalize(written, "점심.jpg") + ",밥,200,0,,,")
    assert photo.path == path


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        ((), HEADER, "names no photo"),
        ((), "file,name", "no column phosphorus_mg, portion_g"),
        (('a.jpg,"밥,200',), HEADER, "can not be read"),
        (("1,a.jpg,밥,200,0,,,",), f"sodium_mg,{HEADER}", "two columns sodium_mg"),
        (("results,,,,,,",), HEADER, "is no file of the folder"),
    ],
)
def test_what_is_no_truth_is_refused(truth, rows, header, expected):
    with pytest.raises(TruthError, match=expected):
        truth(*rows, header=header)


def test_a_truth_in_another_encoding_is_refused(truth):
    with pytest.raises(TruthError, match="can not be read"):
        truth("a.jpg,밥,200,0,,,", encoding="cp949")


def test_a_folder_without_truth_is_refused(tmp_path):
    with pytest.raises(TruthError, match="can not be read"):
        read_truth(tmp_path)
