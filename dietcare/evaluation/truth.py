"""What labelled photos show: a folder of pictures with a `truth.csv` beside them."""

import csv
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dietcare.domain.food import Food, normalised_name, violations
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.messages import Language

TRUTH_FILE = "truth.csv"
NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,9})?")
COLUMNS = ("file", "name", "portion_g", *(nutrient.value for nutrient in Nutrient))


class TruthError(Exception):
    """The truth can not be used; the text has one line for everything that is wrong."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and the foods that it shows; none for a picture without food."""

    path: Path
    foods: tuple[Food, ...]


def read_truth(folder: Path) -> list[Photo]:
    """The photos of a folder, in the order of its truth.

    `truth.csv` is UTF-8 with a header of `COLUMNS`: a row for each food, with the amounts in the
    whole portion; an empty amount is unknown. A row with nothing but a file is a photo of no food.

    Raises:
        TruthError: it is missing, or something in it is wrong.
    """
    try:
        with (folder / TRUTH_FILE).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            _check_columns(rows.fieldnames or ())
            return _photos(folder, [(rows.line_num, row) for row in rows])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"{TRUTH_FILE} in {folder} can not be read: {error}") from None


def _check_columns(names: Sequence[str]) -> None:
    missing = set(COLUMNS) - set(names)
    if missing:
        raise TruthError(f"{TRUTH_FILE} has no column {', '.join(sorted(missing))}")
    twice = {name for name in COLUMNS if names.count(name) > 1}
    if twice:
        raise TruthError(f"{TRUTH_FILE} has two columns {', '.join(sorted(twice))}")


def _photos(folder: Path, rows: list[tuple[int, dict[str, str]]]) -> list[Photo]:
    # By their names as people see them: other systems write Hangul in parts.
    there = {_seen(each.name): each for each in folder.iterdir() if each.is_file()}
    foods: dict[str, list[Food]] = {}
    wrong: list[str] = []
    for line, row in rows:
        if None in row or None in row.values():
            wrong.append(f"line {line}: it has not as many cells as there are columns")
            continue
        name = _seen(row["file"].strip())
        if name not in foods:
            foods[name] = []
            if name not in there:
                wrong.append(f"line {line}: file: {name!r} is no file of the folder")
        if any(row[column].strip() for column in COLUMNS[1:]):
            food, faults = _food(row)
            foods[name].append(food)
            wrong += [f"line {line}: {fault}" for fault in faults]
    if not rows:
        wrong.append(f"{TRUTH_FILE} names no photo")
    if wrong:
        raise TruthError("\n".join(wrong))
    return [Photo(there[name], tuple(each)) for name, each in foods.items()]


def _seen(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _food(row: dict[str, str]) -> tuple[Food, list[str]]:
    amounts = {nutrient: _number(row[nutrient.value]) for nutrient in Nutrient}
    portion_g = _number(row["portion_g"])
    food = Food(
        normalised_name(row["name"]),
        math.nan if portion_g is None else portion_g,
        Nutrients.of(amounts),
    )
    faults = [
        f"{each.field.rpartition('.')[2]}: {each.text.render(Language.EN)}"
        for each in violations(food, "food")
    ]
    return food, faults


def _number(text: str) -> float | None:
    """None where nothing is written, NaN where it is no plain number."""
    written = text.strip()
    if not written:
        return None
    return float(written) if NUMBER.fullmatch(written) else math.nan
