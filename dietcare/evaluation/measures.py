"""How far what was seen is from the truth."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrient, Nutrients, known_of, total

Foods = tuple[Food, ...]
Pair = tuple[Foods, Foods]
"""The foods of one photo: the true ones, and those that were seen."""

Identity = Callable[[str], str]
"""What makes two names the same food: both have the same identity."""


@dataclass(frozen=True, slots=True)
class AmountError:
    """Of one nutrient, over the photos whose true amount is known and of which one was estimated.

    `mean_absolute` and `bias` (estimate minus truth) are in the nutrient's unit; `mean_percent` is
    the mean of the absolute errors in percent of the truth, over truths above 0. None: no photo.
    """

    photos: int
    mean_absolute: float | None
    mean_percent: float | None
    bias: float | None


@dataclass(frozen=True, slots=True)
class FoodScore:
    """How many foods were found: `precision` of those seen are there, `recall` of those there were
    seen; 0 to 1, None where there is none to judge.
    """

    precision: float | None
    recall: float | None
    f1: float | None


def amount_error(nutrient: Nutrient, pairs: Iterable[Pair]) -> AmountError:
    """The error of one nutrient, over the sums of whole photos."""
    known = [
        (total_of(true)[nutrient], total_of(seen)[nutrient])
        for true, seen in pairs
        if _is_known(nutrient, true, wholly=True) and _is_known(nutrient, seen, wholly=False)
    ]
    differences = [(seen or 0.0) - (true or 0.0) for true, seen in known]
    shares = [
        abs(difference) / true
        for difference, (true, _) in zip(differences, known, strict=True)
        if true
    ]
    return AmountError(
        photos=len(known),
        mean_absolute=_mean(abs(each) for each in differences),
        mean_percent=_mean(100 * each for each in shares),
        bias=_mean(differences),
    )


def food_score(pairs: Iterable[Pair], identity: Identity) -> FoodScore:
    """How many foods were found, by name, each once for every time that it is there."""
    found = there = seen_in_all = 0
    for true, seen in pairs:
        names = [identity(food.name) for food in true]
        there += len(names)
        seen_in_all += len(seen)
        for food in seen:
            if (name := identity(food.name)) in names:
                names.remove(name)
                found += 1
    both = there + seen_in_all
    return FoodScore(
        precision=found / seen_in_all if seen_in_all else None,
        recall=found / there if there else None,
        f1=2 * found / both if both else None,
    )


def total_of(foods: Foods) -> Nutrients:
    """The sum of what is known of the foods."""
    return total(food.nutrients for food in foods)


def _is_known(nutrient: Nutrient, foods: Foods, *, wholly: bool) -> bool:
    """Whether there is an amount: of every food, or else of any. No food at all is a known 0."""
    if not foods:
        return True
    known: int = getattr(known_of(food.nutrients for food in foods), nutrient.value)
    return known == len(foods) if wholly else known > 0


def _mean(values: Iterable[float]) -> float | None:
    listed: Sequence[float] = list(values)
    return fmean(listed) if listed else None
