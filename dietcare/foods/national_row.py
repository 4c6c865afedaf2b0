"""A row of the national food composition table: what its cells mean, and which are refused."""

import re
from collections.abc import Mapping

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
TEXTS = (CATEGORY, ORIGIN, METHOD, SUPPLIER, VERSION)  # told to people as they are
OPTIONAL = (*TEXTS, WEIGHT)

BASES = {"100g": Basis.GRAMS, "100ml": Basis.MILLILITRES}
UNITS = {Basis.GRAMS: "g", Basis.MILLILITRES: "ml"}
ENERGY_MAX_KCAL = 902  # in 100 g of pure fat
# Commas divide thousands, and nothing else: 1,5 may be 1.5 elsewhere, and is not guessed here.
AMOUNT = re.compile(r"-?(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.[0-9]{1,9})?")
CODE_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,63}")
SOUPS = ("국 및 탕류", "찌개 및 전골류", "면 및 만두류")
SOUPS_ELSEWHERE = ("국밥", "수육", "보쌈")  # by their names: among rice dishes, or steamed ones
# No soup that is ready to eat has less: a quarter of a gram of salt in 100 g.
SALTED_FROM_MG = 100
TEXT_MAX_CHARACTERS = 200


class RefusedRowError(Exception):
    """The row can not be trusted; the text says why."""


def row_of(cells: Mapping[str, str], codes: set[str]) -> FoodRow:
    """The row of these cells, its code added to `codes`, those that have come before.

    Raises:
        RefusedRowError: it can not be trusted.
    """
    code = _code(cells[CODE], codes)
    name = _name(cells[NAME])
    basis = BASES.get(cells[BASIS].lower().replace(" ", ""))
    if basis is None:
        raise RefusedRowError(f"{BASIS} is {cells[BASIS][:20]!r}, not 100g or 100ml")
    energy, nutrients = _figures(name, cells)
    said = {column: _text(cells, column) for column in TEXTS}
    source = " ".join(filter(None, (said[SUPPLIER], said[ORIGIN], said[METHOD])))
    codes.add(code)
    return FoodRow(
        code=code,
        name=name,
        aliases=_aliases(name),
        category=said[CATEGORY],
        basis=basis,
        per_100=nutrients,
        energy_kcal=energy,
        serving=_serving(cells.get(WEIGHT, ""), basis),
        before_salt=_before_salt(name, said[CATEGORY], nutrients),
        source=f"{code} {name} [{source}]" if source else f"{code} {name}",
        version=said[VERSION],
    )


def _code(cell: str, codes: set[str]) -> str:
    if not CODE_PATTERN.fullmatch(cell):
        raise RefusedRowError(f"{CODE} is {cell[:20]!r}")
    if cell in codes:
        raise RefusedRowError(f"{CODE} has come before")
    return cell


def _text(cells: Mapping[str, str], column: str) -> str:
    cell = cells.get(column, "")
    if len(cell) > TEXT_MAX_CHARACTERS or has_control_characters(cell):
        raise RefusedRowError(f"{column} is {cell[:20]!r}")
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
    match = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,9})?)\s*(g|ml)", cell.lower())
    return float(match[1]) if match and match[2] == UNITS[basis] and float(match[1]) else None


def _before_salt(name: str, category: str, nutrients: Nutrients) -> bool:
    sodium = nutrients.sodium_mg
    is_soup = category in SOUPS or any(word in name for word in SOUPS_ELSEWHERE)
    return is_soup and sodium is not None and sodium < SALTED_FROM_MG
