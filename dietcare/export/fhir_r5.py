"""FHIR R5: a NutritionIntake of each meal, with its foods and the nutrients in all of it.

A nutrient that is not known of any food has no value but the reason why; of one that is known of
some foods only, a note says so.
"""

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

from dietcare.domain.meal import Meal
from dietcare.domain.nutrients import Nutrient
from dietcare.export.fhir import (
    ABSENT_EXTENSION,
    NAMES,
    UNITS,
    Resource,
    instant,
    quantity,
    subject,
)


async def intakes(meals: AsyncIterator[Meal]) -> AsyncIterator[Resource]:
    """The NutritionIntakes of every meal, oldest first."""
    async for meal in meals:
        yield _intake(meal)


def _intake(meal: Meal) -> Resource:
    intake: Resource = {
        "resourceType": "NutritionIntake",
        "id": meal.id,
        "status": "completed",
        "code": {"text": meal.meal_type.value},
        "subject": subject(meal.user_id),
        "occurrenceDateTime": instant(meal.logged_at.astimezone(ZoneInfo(meal.time_zone))),
        "recorded": instant(meal.created_at),
        "consumedItem": [
            {
                "type": {"text": "food"},
                "nutritionProduct": {"concept": {"text": food.name}},
                "amount": quantity(food.portion_g, "g"),
            }
            for food in meal.foods
        ],
        "ingredientLabel": [_label(meal, nutrient) for nutrient in Nutrient],
    }
    notes = [*filter(None, [meal.note]), *_gaps(meal)]
    if notes:
        intake["note"] = [{"text": note} for note in notes]
    return intake


def _label(meal: Meal, nutrient: Nutrient) -> Resource:
    if _known(meal, nutrient):
        amount = quantity(meal.total_nutrients.amount(nutrient), UNITS[nutrient])
    else:
        amount = {"extension": [{"url": ABSENT_EXTENSION, "valueCode": "unknown"}]}
    return {"nutrient": {"concept": {"text": NAMES[nutrient]}}, "amount": amount}


def _gaps(meal: Meal) -> list[str]:
    of = len(meal.foods)
    known = {nutrient: _known(meal, nutrient) for nutrient in Nutrient}
    return [
        f"{NAMES[nutrient]}: known of {count} of {of} foods"
        for nutrient, count in known.items()
        if count < of
    ]


def _known(meal: Meal, nutrient: Nutrient) -> int:
    return sum(food.nutrients[nutrient] is not None for food in meal.foods)
