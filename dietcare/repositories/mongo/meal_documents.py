"""Meals as documents of `meal_logs`."""

from datetime import date

from dietcare.domain.ids import AnalysisId, MealId, UserId
from dietcare.domain.meal import Eaten, Intake, Meal, MealType
from dietcare.domain.nutrients import Nutrient
from dietcare.repositories.mongo.collection import Document
from dietcare.repositories.mongo.documents import (
    food_document,
    food_of,
    known,
    nutrients_document,
    nutrients_of,
    object_id,
)

INTAKE = dict.fromkeys(
    (
        *("logged_at", "local_date", "total_nutrients", "foods.name"),
        *(f"foods.{nutrient.value}" for nutrient in Nutrient),
    ),
    1,
)
"""What is read of a meal for its intake, and what orders it."""


def meal_document(user_id: UserId, meal: Meal) -> Document:
    """The seed's fields, and ours."""
    analysis_id = None if meal.analysis_id is None else object_id(meal.analysis_id)
    return {
        "_id": object_id(meal.id),
        "user_id": object_id(user_id),
        "meal_type": meal.meal_type.value,
        "foods": [food_document(food) for food in meal.foods],
        "total_nutrients": nutrients_document(meal.total_nutrients),
        "logged_at": meal.logged_at,
        "local_date": meal.local_date.isoformat(),
        "time_zone": meal.time_zone,
        "created_at": meal.created_at,
        "updated_at": meal.updated_at,
        "version": meal.version,
        **known(
            {
                "analysis_id": analysis_id,
                "note": meal.note,
                "applied": [object_id(change_id) for change_id in meal.applied] or None,
            }
        ),
    }


def meal_of(document: Document) -> Meal:
    """The meal that was stored."""
    analysis_id = document.get("analysis_id")
    return Meal(
        id=MealId(str(document["_id"])),
        user_id=UserId(str(document["user_id"])),
        meal_type=MealType(document["meal_type"]),
        foods=tuple(food_of(food) for food in document["foods"]),
        total_nutrients=nutrients_of(document["total_nutrients"]),
        logged_at=document["logged_at"],
        local_date=date.fromisoformat(document["local_date"]),
        time_zone=document["time_zone"],
        created_at=document["created_at"],
        updated_at=document["updated_at"],
        version=document["version"],
        analysis_id=None if analysis_id is None else AnalysisId(str(analysis_id)),
        note=document.get("note"),
        applied=tuple(str(change_id) for change_id in document.get("applied", ())),
    )


def intake_of(document: Document) -> Intake:
    """The intake of a meal that was read by the projection INTAKE."""
    return Intake(
        local_date=date.fromisoformat(document["local_date"]),
        total_nutrients=nutrients_of(document["total_nutrients"]),
        foods=tuple(Eaten(food["name"], nutrients_of(food)) for food in document["foods"]),
    )
