"""One food of a meal, and what is physically possible in it."""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.domain.warning import Warning
from dietcare.errors import Violation
from dietcare.messages import text

NAME_MAX_CHARACTERS = 200
PORTION_MAX_G = 5_000

MAX_PER_GRAM = Nutrients(
    sodium_mg=393,  # salt itself: 22.99 / 58.44 of its mass
    protein_g=0.95,  # a protein isolate
    potassium_mg=524,  # potassium chloride: 39.10 / 74.55 of its mass
    phosphorus_mg=316,  # phosphoric acid: 30.97 / 98.00 of its mass
)
GRAMS = Nutrients(sodium_mg=0.001, protein_g=1, potassium_mg=0.001, phosphorus_mg=0.001)
SPACES = " \u00a0\u2002\u2003\u2009\u202f\u3000"
# Rounded figures of a small portion may exceed what is possible by their rounding alone.
TOLERANCE = 1e-9


class NutrientSource(StrEnum):
    """Where a food's nutrients come from."""

    TABLE = "table"
    MODEL = "model"


class Confidence(StrEnum):
    """How far an estimated portion can be trusted."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Food:
    """A food as eaten: its portion in g, and the nutrients in the whole portion."""

    name: str
    portion_g: float
    nutrients: Nutrients = field(default_factory=Nutrients)
    confidence: Confidence | None = None
    nutrient_source: NutrientSource | None = None
    food_code: str | None = None
    warnings: tuple[Warning, ...] = ()


def normalised_name(name: str) -> str:
    """The name in NFC without surrounding spaces: the same dish typed on any machine.

    Line breaks and tabs stay, to be refused: they are control characters.
    """
    return unicodedata.normalize("NFC", name).strip(SPACES)


def has_control_characters(value: str) -> bool:
    """Whether `value` holds a control character, NUL and the bidirectional overrides included.

    Half of a surrogate pair is one too: no text of UTF-8 can hold it.
    """
    return any(
        unicodedata.category(c) in {"Cc", "Cs"}
        or "\u202a" <= c <= "\u202e"
        or "\u2066" <= c <= "\u2069"
        for c in value
    )


def violations(food: Food, path: str) -> Iterator[Violation]:
    """What of a food breaks a rule; `path` is where it stands, e.g. foods[0]."""
    yield from _name_violations(food.name, f"{path}.name")
    portion_ok = math.isfinite(food.portion_g) and 0 < food.portion_g <= PORTION_MAX_G
    if not portion_ok:
        yield Violation(f"{path}.portion_g", text("field.portion", maximum=PORTION_MAX_G))
    for nutrient, amount in food.nutrients.known():
        yield from _amount_violations(
            nutrient, amount, food.portion_g if portion_ok else None, path
        )
    if portion_ok and _mass_g(food.nutrients) > food.portion_g * (1 + TOLERANCE):
        yield Violation(path, text("field.heavier_than_portion"))


def _name_violations(name: str, path: str) -> Iterator[Violation]:
    if not 1 <= len(name) <= NAME_MAX_CHARACTERS:
        yield Violation(path, text("field.name_length", maximum=NAME_MAX_CHARACTERS))
    elif has_control_characters(name):
        yield Violation(path, text("field.control"))


def _amount_violations(
    nutrient: Nutrient, amount: float, portion_g: float | None, path: str
) -> Iterator[Violation]:
    field_path = f"{path}.{nutrient.value}"
    if not math.isfinite(amount):
        yield Violation(field_path, text("field.not_finite"))
    elif amount < 0:
        yield Violation(field_path, text("field.negative"))
    elif portion_g is not None:
        maximum = MAX_PER_GRAM.amount(nutrient) * portion_g
        if amount > maximum * (1 + TOLERANCE):
            values = {"maximum": f"{maximum:.6g}", "portion_g": f"{portion_g:g}"}
            yield Violation(field_path, text("field.impossible", **values))


def _mass_g(nutrients: Nutrients) -> float:
    return sum(
        amount * GRAMS.amount(nutrient)
        for nutrient, amount in nutrients.known()
        if math.isfinite(amount) and amount > 0
    )
