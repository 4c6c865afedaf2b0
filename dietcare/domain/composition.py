"""Rows of the composition table, and the figures that a portion takes from one."""

from dataclasses import dataclass, replace
from enum import StrEnum

from dietcare.domain.food import Food, NutrientSource
from dietcare.domain.nutrients import SUM_DECIMALS, Nutrient, Nutrients
from dietcare.domain.warning import Warning
from dietcare.messages import text

SODIUM_MG_PER_G_OF_SALT = 390  # sodium is 22.99 / 58.44 of salt: 393 mg, said in round figures


class Basis(StrEnum):
    """How much of a food its figures are of."""

    GRAMS = "100g"
    MILLILITRES = "100ml"


@dataclass(frozen=True, slots=True)
class FoodRow:
    """A food of the composition table, edible portion. What is None is unknown, never 0."""

    code: str
    name: str
    per_100: Nutrients
    """In 100 of the unit of `basis`, as is `energy_kcal`."""
    source: str
    """Dataset and row that the figures were taken from."""
    version: str
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    category: str = ""
    basis: Basis = Basis.GRAMS
    energy_kcal: float | None = None
    serving: float | None = None
    """The usual serving in the unit of `basis`."""
    before_salt: bool = False
    """Analysed before the salt that is added at the table: as eaten it has more sodium."""

    @property
    def warnings(self) -> tuple[Warning, ...]:
        """What to know of the figures before they are used."""
        found = []
        if self.before_salt:
            salt = text("warning.before_salt", sodium_mg=SODIUM_MG_PER_G_OF_SALT)
            found.append(Warning("SALT_NOT_INCLUDED", "sodium_mg", salt))
        if self.basis is Basis.MILLILITRES:
            found.append(Warning("FIGURES_PER_100_ML", "portion_g", text("warning.per_100_ml")))
        return tuple(found)


AMOUNTS = frozenset(nutrient.value for nutrient in Nutrient)


def with_figures(food: Food, row: FoodRow) -> Food:
    """The food with the nutrients of its portion as the row has them, to 3 decimals.

    What the row does not know is unknown, whatever else knows it: a food has one source. A row per
    100 ml takes the portion's grams for millilitres, and its warning says so.
    """

    def eaten(amount: float | None) -> float | None:
        return None if amount is None else round(amount * food.portion_g / 100, SUM_DECIMALS)

    return replace(
        food,
        nutrients=Nutrients.each(lambda nutrient: eaten(row.per_100[nutrient])),
        nutrient_source=NutrientSource.TABLE,
        food_code=row.code,
        # What was doubted of the figures that are gone is gone with them.
        warnings=(*(each for each in food.warnings if each.field not in AMOUNTS), *row.warnings),
    )
