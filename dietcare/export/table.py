"""CSV for clinicians: one row a food, as a spreadsheet opens it.

RFC 4180, in UTF-8 with a byte order mark, without which Excel shows Korean as noise. Unknown
nutrients are empty cells. A text that a spreadsheet would take for a formula has an apostrophe
before it; numbers have none.
"""

import csv
import io
import re
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

from dietcare.domain.meal import Meal

MEDIA_TYPE = "text/csv"
COLUMNS = (
    *("local_date", "logged_at", "time_zone", "meal_type", "food", "portion_g"),
    *("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg"),
    *("nutrient_source", "food_code", "note", "meal_id"),
)
BYTE_ORDER_MARK = "\ufeff"
# What begins a formula, also in the other forms that some programs fold into these, and what may
# stand before it unseen: white space, and characters without a width.
_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫\u2212"
_UNSEEN = "\\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_BEGINS = re.compile(f"[\t\r]|[{_UNSEEN}]*[{_SIGNS}]")
# Where lists are divided by semicolons, a spreadsheet divides a CSV by these, and takes no quotes
# within a line for such: what comes after one, or on the next line, may be a cell of its own.
_BEGINS_LATER = re.compile(f"(;|(?<=[^{_UNSEEN}])[\t\r\n])([{_UNSEEN}]*)(?=[{_SIGNS}])")


async def rows(meals: AsyncIterator[Meal]) -> AsyncIterator[bytes]:
    """The file: the names of the columns, then the foods of each meal."""
    yield (BYTE_ORDER_MARK + _written([COLUMNS])).encode()
    async for meal in meals:
        yield _written(_rows(meal)).encode()


def _rows(meal: Meal) -> list[tuple[str, ...]]:
    zone = ZoneInfo(meal.time_zone)
    first = (
        meal.local_date.isoformat(),
        meal.logged_at.astimezone(zone).isoformat(timespec="seconds"),
        meal.time_zone,
        meal.meal_type.value,
    )
    return [
        (
            *first,
            safe(food.name),
            _number(food.portion_g),
            *(
                _number(food.nutrients.sodium_mg),
                _number(food.nutrients.protein_g),
                _number(food.nutrients.potassium_mg),
                _number(food.nutrients.phosphorus_mg),
            ),
            food.nutrient_source.value if food.nutrient_source else "",
            safe(food.food_code or ""),
            safe(meal.note or ""),
            meal.id,
        )
        for food in meal.foods
    ]


def safe(text: str) -> str:
    """The text, so that no spreadsheet runs it."""
    later = _BEGINS_LATER.sub(r"\1\2'", text)
    return f"'{later}" if _BEGINS.match(text) else later


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(value)


def _written(table: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(table)
    return out.getvalue()
