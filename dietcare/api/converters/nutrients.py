"""Nutrients, coverage, warnings, foods."""

from collections.abc import Iterable

from dietcare.api.converters.enums import EnumTable
from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.domain.warning import Warning
from dietcare.messages import Language
from dietcare.v1 import food_pb2, nutrients_pb2

NUTRIENT = EnumTable(nutrients_pb2.Nutrient.DESCRIPTOR)
CONFIDENCE = EnumTable(food_pb2.Confidence.DESCRIPTOR)
NUTRIENT_SOURCE = EnumTable(food_pb2.NutrientSource.DESCRIPTOR)

HasNutrients = nutrients_pb2.Nutrients | food_pb2.Food


def from_nutrients(message: HasNutrients) -> Nutrients:
    """What a message says of the nutrients; what it does not say is unknown."""
    return Nutrients.each(
        lambda n: getattr(message, n.value) if message.HasField(n.value) else None
    )


def to_nutrients(nutrients: Nutrients) -> nutrients_pb2.Nutrients:
    """Amounts as a message."""
    return nutrients_pb2.Nutrients(**_known(nutrients))


def to_coverage(coverage: Nutrients | None) -> nutrients_pb2.Coverage | None:
    """Shares as a message; None where everything is known."""
    return nutrients_pb2.Coverage(**_known(coverage)) if coverage else None


def to_warnings(warnings: Iterable[Warning], language: Language) -> list[nutrients_pb2.Warning]:
    """Warnings, written in a language."""
    return [
        nutrients_pb2.Warning(code=each.code, field=each.field, message=each.text.render(language))
        for each in warnings
    ]


def from_food(message: food_pb2.Food) -> Food:
    """What a client says of a food; what only the server says of it is left out."""
    return Food(message.name, message.portion_g, from_nutrients(message))


def to_food(food: Food, language: Language) -> food_pb2.Food:
    """A food as a message."""
    message = food_pb2.Food(name=food.name, portion_g=food.portion_g)
    for nutrient, amount in food.nutrients.known():
        setattr(message, nutrient.value, amount)
    if food.confidence is not None:
        message.confidence = CONFIDENCE.number(food.confidence)
    if food.nutrient_source is not None:
        message.nutrient_source = NUTRIENT_SOURCE.number(food.nutrient_source)
    if food.food_code is not None:
        message.food_code = food.food_code
    message.warnings.extend(to_warnings(food.warnings, language))
    return message


def _known(nutrients: Nutrients) -> dict[str, float]:
    return {nutrient.value: amount for nutrient, amount in nutrients.known()}


NUTRIENT_NUMBERS = {nutrient: NUTRIENT.number(nutrient) for nutrient in Nutrient}
