"""What documents of several collections have in common: ids, nutrients, foods."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.warning import Warning
from dietcare.messages import Text
from dietcare.repositories.identity import canonical
from dietcare.repositories.mongo.collection import Document


def object_id(id_text: str) -> ObjectId:
    """The id as it is stored; raises DatabaseQueryError for what is no id."""
    return ObjectId(canonical(id_text))


def known(fields: Mapping[str, Any]) -> Document:
    """The fields that have a value: what is absent is not stored."""
    return {name: value for name, value in fields.items() if value is not None}


def nutrients_document(nutrients: Nutrients) -> Document:
    """The amounts that are known."""
    return {nutrient.value: float(amount) for nutrient, amount in nutrients.known()}


def nutrients_of(document: Document) -> Nutrients:
    """The nutrients among the document's fields; those that it lacks are unknown."""
    return Nutrients.each(lambda nutrient: document.get(nutrient.value))


def food_document(food: Food) -> Document:
    """The seed's fields, and what else is known of the food."""
    return {
        "name": food.name,
        "portion_g": float(food.portion_g),
        **nutrients_document(food.nutrients),
        **known(
            {
                "confidence": food.confidence and food.confidence.value,
                "nutrient_source": food.nutrient_source and food.nutrient_source.value,
                "food_code": food.food_code,
                "warnings": [_warning_document(each) for each in food.warnings] or None,
            }
        ),
    }


def food_of(document: Document) -> Food:
    """The food that was stored."""
    confidence, source = document.get("confidence"), document.get("nutrient_source")
    return Food(
        name=document["name"],
        portion_g=document["portion_g"],
        nutrients=nutrients_of(document),
        confidence=None if confidence is None else Confidence(confidence),
        nutrient_source=None if source is None else NutrientSource(source),
        food_code=document.get("food_code"),
        warnings=tuple(_warning_of(each) for each in document.get("warnings", ())),
    )


def _warning_document(warning: Warning) -> Document:
    text = known({"key": warning.text.key, "values": warning.text.values})
    return {"code": warning.code, "field": warning.field, "text": text}


def _warning_of(document: Document) -> Warning:
    text = Text(document["text"]["key"], document["text"].get("values"))
    return Warning(document["code"], document["field"], text)
