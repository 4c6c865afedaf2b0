"""Searches of the composition table."""

from collections.abc import Iterable
from dataclasses import dataclass

from dietcare.api.converters.nutrients import to_warnings
from dietcare.api.converters.reading import Reader
from dietcare.domain.composition import Basis, FoodRow
from dietcare.domain.food import NAME_MAX_CHARACTERS, has_control_characters, normalised_name
from dietcare.foods.index import Found
from dietcare.messages import Language
from dietcare.v1 import food_pb2

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 100
SCORE_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class FoodSearch:
    """What a client looks for, and how many rows it wants at the most."""

    query: str
    page_size: int


def food_search_of(message: food_pb2.SearchFoodsRequest) -> FoodSearch:
    """The search that a client asks for.

    Raises:
        ValidationError: with every malformed field.
    """
    reader = Reader()
    query = normalised_name(message.query)
    if not message.query:
        reader.refuse("query", "field.required")
    elif not 1 <= len(query) <= NAME_MAX_CHARACTERS:
        reader.refuse("query", "field.name_length", maximum=NAME_MAX_CHARACTERS)
    elif has_control_characters(query):
        reader.refuse("query", "field.control")
    page_size = reader.integer(message, "page_size", PAGE_SIZE_DEFAULT, 1, PAGE_SIZE_MAX)
    reader.done()
    return FoodSearch(query, page_size)


def to_foods(found: Iterable[Found], language: Language) -> food_pb2.SearchFoodsResponse:
    """The rows found as a message."""
    return food_pb2.SearchFoodsResponse(foods=[_match(each, language) for each in found])


def _match(found: Found, language: Language) -> food_pb2.FoodMatch:
    row = found.row
    message = food_pb2.FoodMatch(
        food_code=row.code,
        name=row.name,
        name_en=row.name_en,
        category=row.category,
        source=f"{row.source}, {row.version}",
        score=round(found.score, SCORE_DECIMALS),
        warnings=to_warnings(row.warnings, language),
    )
    if row.basis is Basis.MILLILITRES:
        message.per_100ml.CopyFrom(_composition(row))
    else:
        message.per_100g.CopyFrom(_composition(row))
    if row.serving is not None and row.basis is Basis.MILLILITRES:
        message.serving_ml = row.serving
    elif row.serving is not None:
        message.serving_g = row.serving
    return message


def _composition(row: FoodRow) -> food_pb2.Composition:
    known = {nutrient.value: amount for nutrient, amount in row.per_100.known()}
    return food_pb2.Composition(energy_kcal=row.energy_kcal, **known)
