"""Amounts of the four nutrients that people with CKD watch, and their sums."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

SUM_DECIMALS = 3


class Nutrient(StrEnum):
    """A nutrient; its value is its name in every layer, unit included."""

    SODIUM = "sodium_mg"
    PROTEIN = "protein_g"
    POTASSIUM = "potassium_mg"
    PHOSPHORUS = "phosphorus_mg"


@dataclass(frozen=True, slots=True)
class Nutrients:
    """An amount of each nutrient; None is unknown, never 0."""

    sodium_mg: float | None = None
    protein_g: float | None = None
    potassium_mg: float | None = None
    phosphorus_mg: float | None = None

    def __getitem__(self, nutrient: Nutrient) -> float | None:
        value: float | None = getattr(self, nutrient.value)
        return value

    def known(self) -> Iterator[tuple[Nutrient, float]]:
        """The nutrients whose amount is known, in the order of `Nutrient`."""
        for nutrient in Nutrient:
            value = self[nutrient]
            if value is not None:
                yield nutrient, value

    @classmethod
    def of(cls, amounts: Mapping[Nutrient, float | None]) -> "Nutrients":
        """Build from a mapping; what it lacks is unknown."""
        return cls(**{nutrient.value: amount for nutrient, amount in amounts.items()})

    @classmethod
    def each(cls, amount: Callable[[Nutrient], float | None]) -> "Nutrients":
        """Build by asking `amount` for every nutrient."""
        return cls(**{nutrient.value: amount(nutrient) for nutrient in Nutrient})

    def amount(self, nutrient: Nutrient) -> float:
        """The amount, 0 where it is unknown: for sums only."""
        return self[nutrient] or 0.0


def total(parts: Iterable[Nutrients]) -> Nutrients:
    """Sum what is known, to 3 decimals; nothing known sums to 0, and `coverage` tells."""
    sums = dict.fromkeys(Nutrient, 0.0)
    for part in parts:
        for nutrient, amount in part.known():
            sums[nutrient] += amount
    return Nutrients.each(lambda nutrient: round(sums[nutrient], SUM_DECIMALS))


@dataclass(frozen=True, slots=True)
class Known:
    """How many of `foods` foods have a known amount of each nutrient: coverage that adds up."""

    foods: int = 0
    sodium_mg: int = 0
    protein_g: int = 0
    potassium_mg: int = 0
    phosphorus_mg: int = 0

    def __add__(self, other: "Known") -> "Known":
        return Known(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def coverage(self) -> Nutrients | None:
        """The share of foods with a known amount where it is below 1; None where all is known."""

        def share(nutrient: Nutrient) -> float | None:
            known: int = getattr(self, nutrient.value)
            return None if known >= self.foods else round(known / self.foods, SUM_DECIMALS)

        shares = Nutrients.each(share)
        return None if shares == Nutrients() else shares


def known_of(parts: Iterable[Nutrients]) -> Known:
    """Count the foods, and those with a known amount of each nutrient."""
    listed = list(parts)
    counts = {n.value: sum(part[n] is not None for part in listed) for n in Nutrient}
    return Known(foods=len(listed), **counts)
