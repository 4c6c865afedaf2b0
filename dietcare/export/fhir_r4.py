"""FHIR R4: for each day with a meal an Observation of each nutrient, the intake of 24 hours.

R4 has no resource for what was eaten, so a day's sums are told, which is also what the codes stand
for. A sum is of the foods whose value is known; where some are not, a note says how many, and where
none is, there is a `dataAbsentReason` and no value.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, timedelta

from dietcare.domain.ids import UserId
from dietcare.domain.meal import Meal
from dietcare.domain.nutrients import Nutrient, Nutrients, total
from dietcare.export.fhir import (
    ABSENT_REASON,
    LOINC,
    NAMES,
    SNOMED,
    UNITS,
    Resource,
    quantity,
    subject,
)

# LOINC has no code for an estimated intake of phosphorus. SNOMED's is an example of its editorial
# guide, "Nutritional intake observable entities".
CODES: Mapping[Nutrient, tuple[str, str]] = {
    Nutrient.SODIUM: (LOINC, "81011-9"),
    Nutrient.PROTEIN: (LOINC, "9085-2"),
    Nutrient.POTASSIUM: (LOINC, "81010-1"),
    Nutrient.PHOSPHORUS: (SNOMED, "789106008"),
}
# Meals come by instant, days are those of the clock on the wall: two zones may be 26 hours apart.
SETTLED_AFTER = timedelta(days=2)


async def observations(user_id: UserId, meals: AsyncIterator[Meal]) -> AsyncIterator[Resource]:
    """The Observations of every day, oldest first."""
    days: dict[date, list[Nutrients]] = {}
    async for meal in meals:
        for day in sorted(day for day in days if day < meal.local_date - SETTLED_AFTER):
            for each in _of_day(user_id, day, days.pop(day)):
                yield each
        days.setdefault(meal.local_date, []).extend(food.nutrients for food in meal.foods)
    for day in sorted(days):
        for each in _of_day(user_id, day, days[day]):
            yield each


def _of_day(user_id: UserId, day: date, foods: list[Nutrients]) -> Iterator[Resource]:
    sums = total(foods)
    for nutrient in Nutrient:
        known = sum(food[nutrient] is not None for food in foods)
        system, code = CODES[nutrient]
        observation: Resource = {
            "resourceType": "Observation",
            "id": f"{day.isoformat()}-{NAMES[nutrient].lower()}",
            "status": "final",
            "code": {
                "coding": [{"system": system, "code": code}],
                "text": f"{NAMES[nutrient]} intake in 24 hours, estimated",
            },
            "subject": subject(user_id),
            "effectiveDateTime": day.isoformat(),
        }
        if known:
            observation["valueQuantity"] = quantity(sums.amount(nutrient), f"{UNITS[nutrient]}/d")
        else:
            unknown = {"system": ABSENT_REASON, "code": "unknown", "display": "Unknown"}
            observation["dataAbsentReason"] = {"coding": [unknown]}
        if known < len(foods):
            observation["note"] = [{"text": f"known of {known} of {len(foods)} foods"}]
        yield observation
