"""Reads the national food composition CSV (식품영양성분 표준데이터, as data.go.kr publishes it).

Columns are found by their names, in any order; the file is UTF-8, with or without BOM, or CP949. An
empty cell is unknown. A row that can not be trusted is refused with its reason, the rest is read.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dietcare.domain.composition import Basis, FoodRow
from dietcare.domain.food import (
    NAME_MAX_CHARACTERS,
    Food,
    has_control_characters,
    normalised_name,
    violations,
)
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.messages import Language

CODE, NAME, BASIS, ENERGY = "식품코드", "식품명", "영양성분함량기준량", "에너지(kcal)"
NUTRIENTS = {
    Nutrient.SODIUM: "나트륨(mg)",
    Nutrient.PROTEIN: "단백질(g)",
    Nutrient.POTASSIUM: "칼륨(mg)",
    Nutrient.PHOSPHORUS: "인(mg)",
}
REQUIRED = (CODE, NAME, BASIS, ENERGY, *NUTRIENTS.values())
# Used where the file has them.
CATEGORY, ORIGIN, METHOD, WEIGHT = "식품대분류명", "식품기원명", "데이터생성방법명", "식품중량"
SUPPLIER, VERSION = "출처명", "데이터기준일자"
OPTIONAL = (CATEGORY, ORIGIN, METHOD, WEIGHT, SUPPLIER, VERSION)

ENCODINGS = ("utf-8-sig", "cp949")
BASES = {"100g": Basis.GRAMS, "100ml": Basis.MILLILITRES}
UNITS = {Basis.GRAMS: "g", Basis.MILLILITRES: "ml"}
ENERGY_MAX_KCAL = 902  # in 100 g of pure fat
# Commas divide thousands, and nothing else: 1,5 may be 1.5 elsewhere, and is not guessed here.
AMOUNT = re.compile(r"-?(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.[0-9]{1,9})?")
CODE_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,63}")
SOUPS = ("국 및 탕류", "찌개 및 전골류")
# No soup that is ready to eat has less: a quarter of a gram of salt in 100 g.
SALTED_FROM_MG = 100


class UnreadableFileError(Exception):
    """The file is not such a table; the text says why."""


class RefusedRowError(Exception):
    """The row can not be trusted; the text says why."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken: the line it ends on, its code as written, and why."""

    line: int
    code: str
    reason: str


def decoded(data: bytes) -> str:
    """The text of the file.

    Raises:
        UnreadableFileError: it is in neither encoding.
    """
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFileError("it is neither UTF-8 nor CP949")


def read_national(text: str) -> Iterator[FoodRow | Refusal]:
    """Each row of the table, or why it is refused.

    Raises:
        UnreadableFileError: a column that is needed is missing, or it is no CSV.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""))
    _check_columns(reader)
    codes: set[str] = set()
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the next line may be in order again
            yield Refusal(reader.reader.line_num, "", f"it is no CSV: {error}")
            continue
        try:
            yield _row(record, codes)
        except RefusedRowError as error:
            yield Refusal(reader.line_num, (record[CODE] or "").strip()[:64], str(error))


def _check_columns(reader: "csv.DictReader[str]") -> None:
    try:
        names = list(reader.fieldnames or ())
    except csv.Error as error:
        raise UnreadableFileError(f"line {reader.line_num}: {error}") from error
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UnreadableFileError(f"columns are missing: {', '.join(missing)}")
    twice = [name for name in (*REQUIRED, *OPTIONAL) if names.count(name) > 1]
    if twice:
        raise UnreadableFileError(f"columns are there twice: {', '.join(twice)}")


def _row(record: Mapping[str, str], codes: set[str]) -> FoodRow:
    if None in record or None in record.values():
        raise RefusedRowError("it has not as many cells as there are columns")
    cells = {name: cell.strip() for name, cell in record.items()}
    code = _code(cells[CODE], codes)
    name = _name(cells[NAME])
    basis = BASES.get(cells[BASIS].lower().replace(" ", ""))
    if basis is None:
        raise RefusedRowError(f"{BASIS} is {cells[BASIS][:20]!r}, not 100g or 100ml")
    energy, nutrients = _figures(name, cells)
    codes.add(code)
    source = " ".join(filter(None, (cells.get(SUPPLIER), cells.get(ORIGIN), cells.get(METHOD))))
    return FoodRow(
        code=code,
        name=name,
        aliases=_aliases(name),
        category=cells.get(CATEGORY, ""),
        basis=basis,
        per_100=nutrients,
        energy_kcal=energy,
        serving=_serving(cells.get(WEIGHT, ""), basis),
        before_salt=_before_salt(name, cells.get(CATEGORY, ""), nutrients),
        source=f"{code} {name} [{source}]" if source else f"{code} {name}",
        version=cells.get(VERSION, ""),
    )


def _code(cell: str, codes: set[str]) -> str:
    if not CODE_PATTERN.fullmatch(cell):
        raise RefusedRowError(f"{CODE} is {cell[:20]!r}")
    if cell in codes:
        raise RefusedRowError(f"{CODE} has come before")
    return cell


def _name(cell: str) -> str:
    name = normalised_name(cell)
    if not 1 <= len(name) <= NAME_MAX_CHARACTERS or has_control_characters(name):
        raise RefusedRowError(f"{NAME} is {name[:20]!r}")
    return name


def _aliases(name: str) -> tuple[str, ...]:
    """As people say it: 김밥_참치 is 참치김밥, 국밥_순대국밥 is 순대국밥."""
    dish, *kinds = name.split("_")
    kind = " ".join(kinds)
    if not kind:
        return ()
    return (kind if dish in kind else f"{kind} {dish}",)


def _figures(name: str, cells: Mapping[str, str]) -> tuple[float | None, Nutrients]:
    energy = _amount(cells, ENERGY)
    nutrients = Nutrients.each(lambda nutrient: _amount(cells, NUTRIENTS[nutrient]))
    if nutrients == Nutrients():
        raise RefusedRowError("none of the four nutrients is known")
    if energy is not None and not 0 <= energy <= ENERGY_MAX_KCAL:
        raise RefusedRowError(f"{ENERGY} is {cells[ENERGY][:20]}")
    for violation in violations(Food(name, 100, nutrients), "row"):
        field = violation.field.removeprefix("row.")
        raise RefusedRowError(f"{field}: {violation.text.render(Language.EN)}")
    return energy, nutrients


def _amount(cells: Mapping[str, str], column: str) -> float | None:
    cell = cells[column]
    if not cell:
        return None
    if not AMOUNT.fullmatch(cell):
        raise RefusedRowError(f"{column} is {cell[:20]!r}")
    return float(cell.replace(",", ""))


def _serving(cell: str, basis: Basis) -> float | None:
    """The usual serving, where it is said in the unit of the figures."""
    match = re.fullmatch(r"(\d{1,4}(?:\.\d+)?)\s*(g|ml)", cell.lower())
    return float(match[1]) if match and match[2] == UNITS[basis] and float(match[1]) else None


def _before_salt(name: str, category: str, nutrients: Nutrients) -> bool:
    sodium = nutrients.sodium_mg
    is_soup = category in SOUPS or "국밥" in name
    return is_soup and sodium is not None and sodium < SALTED_FROM_MG
