"""FHIR: valid Bundles, and what is unknown is said to be, and never 0."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from fhir.resources.bundle import Bundle as R5Bundle
from fhir.resources.R4B.bundle import Bundle as R4Bundle

from dietcare.domain.food import Food
from dietcare.domain.nutrients import Nutrients
from dietcare.export.fhir import bundle
from dietcare.export.fhir_r4 import observations
from dietcare.export.fhir_r5 import intakes

NOW = datetime(2025, 11, 28, 3, tzinfo=UTC)
UNKNOWN = Food("수프", 300)
KNOWN = Food("밥", 210, Nutrients(2.5, 5, 180, 220))


@pytest.fixture
def r4(stream, joined, user):
    async def export(*meals):
        data = await joined(bundle(observations(user, stream(*meals)), NOW))
        R4Bundle.model_validate_json(data)
        return json.loads(data)

    return export


@pytest.fixture
def r5(stream, joined):
    async def export(*meals):
        data = await joined(bundle(intakes(stream(*meals)), NOW))
        R5Bundle.model_validate_json(data)
        return json.loads(data)

    return export


def resources(made):
    assert (made["resourceType"], made["type"]) == ("Bundle", "collection")
    return [entry["resource"] for entry in made["entry"]]


async def test_without_meals_a_bundle_has_no_entry(r4, r5):
    for made in (await r4(), await r5()):
        assert "entry" not in made


async def test_r4_has_the_intake_of_each_day_in_units_of_a_day(r4, new_meal, user):
    found = resources(await r4(new_meal(KNOWN), new_meal(KNOWN), new_meal(KNOWN, day="2025-12-01")))
    assert [each["effectiveDateTime"] for each in found] == ["2025-11-27"] * 4 + ["2025-12-01"] * 4
    sodium, protein, potassium, phosphorus = found[:4]
    assert sodium["valueQuantity"] == {
        "value": 5,
        "unit": "mg/d",
        "system": "http://unitsofmeasure.org",
        "code": "mg/d",
    }
    assert protein["valueQuantity"]["code"] == "g/d"
    codes = [each["code"]["coding"][0] for each in (sodium, protein, potassium, phosphorus)]
    assert [each["code"] for each in codes] == ["81011-9", "9085-2", "81010-1", "789106008"]
    assert [each["system"] for each in codes] == ["http://loinc.org"] * 3 + [
        "http://snomed.info/sct"
    ]
    assert sodium["subject"] == {"identifier": {"system": "urn:dietcare:user", "value": user}}
    assert all("note" not in each for each in found)


async def test_r4_says_that_a_day_of_unknown_is_unknown_and_how_much_is_known_of_another(
    r4, new_meal
):
    found = resources(await r4(new_meal(UNKNOWN), new_meal(UNKNOWN, KNOWN, day="2025-11-28")))
    for each in found[:4]:
        assert "valueQuantity" not in each
        assert each["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert found[4]["valueQuantity"]["value"] == 2.5
    assert found[4]["note"] == [{"text": "known of 1 of 2 foods"}]


async def test_r4_tells_a_day_once_though_its_meals_come_apart(r4, new_meal):
    # Somebody who flies to the east: the dates on the wall do not follow each other.
    days = ["2025-11-27", "2025-11-28", "2025-11-27", "2025-11-28", "2025-12-09"]
    found = resources(await r4(*(new_meal(KNOWN, day=day) for day in days)))
    told = [each["effectiveDateTime"] for each in found[::4]]
    assert told == ["2025-11-27", "2025-11-28", "2025-12-09"]
    assert found[0]["valueQuantity"]["value"] == 5


async def test_r5_has_each_meal_with_its_foods_and_labels(r5, new_meal, user):
    meal = new_meal(KNOWN, UNKNOWN, note="두 그릇")
    (intake,) = resources(await r5(meal))
    assert intake["occurrenceDateTime"] == "2025-11-27T17:00:00.000+09:00"
    assert (intake["id"], intake["status"], intake["code"]) == (
        meal.id, "completed", {"text": "breakfast"},
    )  # fmt: skip
    rice, soup = intake["consumedItem"]
    assert rice["nutritionProduct"] == {"concept": {"text": "밥"}}
    assert rice["amount"]["value"] == 210
    assert soup["amount"]["code"] == "g"
    amounts = [each["amount"] for each in intake["ingredientLabel"]]
    assert [each["value"] for each in amounts] == [2.5, 5, 180, 220]
    assert [each["code"] for each in amounts] == ["mg", "g", "mg", "mg"]
    assert [each["text"] for each in intake["note"]] == ["두 그릇"] + [
        f"{name}: known of 1 of 2 foods"
        for name in ("Sodium", "Protein", "Potassium", "Phosphorus")
    ]


async def test_r5_gives_a_reason_in_place_of_an_unknown_amount(r5, new_meal):
    (intake,) = resources(await r5(new_meal(UNKNOWN)))
    for label in intake["ingredientLabel"]:
        (extension,) = label["amount"]["extension"]
        assert extension["valueCode"] == "unknown"
        assert "value" not in label["amount"]


async def test_the_same_record_has_the_same_address_in_every_export(r4, r5, new_meal):
    meals = new_meal(KNOWN), new_meal(KNOWN, day="2025-12-01")
    for export in (r4, r5):
        once, again = await export(*meals), await export(*meals)
        urls = [entry["fullUrl"] for entry in once["entry"]]
        assert urls == [entry["fullUrl"] for entry in again["entry"]]
        assert len(set(urls)) == len(urls)
        assert all(uuid.UUID(url.removeprefix("urn:uuid:")) for url in urls)
