"""Exports as files, over REST and gRPC alike."""

import csv
import io
import json

import pytest
import pytest_asyncio

from dietcare.v1 import account_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

MEAL = {
    "meal_type": "lunch",
    "logged_at": "2025-11-27T12:30:00+09:00",
    "foods": [{"name": "=현미밥", "portion_g": 210, "sodium_mg": 2}],
    "note": "두 그릇",
}


@pytest_asyncio.fixture(loop_scope="session")
async def eater(patient):
    answer = await patient.post("/meals", MEAL)
    assert answer.status_code == 201, answer.text
    return patient


async def test_csv_is_a_file_with_a_name(eater):
    answer = await eater.get(f"/users/{eater.id}/export", format="csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="dietcare-meals.csv"'
    assert answer.headers["cache-control"] == "no-store"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert (row["food"], row["sodium_mg"], row["potassium_mg"]) == ("'=현미밥", "2", "")
    assert (row["logged_at"], row["note"]) == ("2025-11-27T12:30:00+09:00", "두 그릇")


@pytest.mark.parametrize(
    ("form", "version", "kind", "count"),
    [("fhir-r4", "4.0", "Observation", 4), ("fhir-r5", "5.0", "NutritionIntake", 1)],
)
async def test_fhir_is_a_bundle(eater, form, version, kind, count):
    answer = await eater.get(f"/users/{eater.id}/export", format=form)
    assert answer.headers["content-type"] == f"application/fhir+json; fhirVersion={version}"
    entries = json.loads(answer.content)["entry"]
    assert [entry["resource"]["resourceType"] for entry in entries] == [kind] * count


@pytest.mark.parametrize("form", ["csv", "fhir-r4", "fhir-r5"])
async def test_somebody_without_meals_has_a_file_too(patient, form):
    answer = await patient.get(f"/users/{patient.id}/export", format=form)
    assert answer.status_code == 200
    assert answer.content


async def test_over_grpc_the_pieces_are_the_same_file(eater):
    rest = await eater.get(f"/users/{eater.id}/export", format="csv")
    asked = account_pb2.ExportUserDataRequest(
        user_id=eater.id, format=account_pb2.EXPORT_FORMAT_CSV
    )
    first = await eater.call("ExportUserData", asked)
    assert first.WhichOneof("record") == "file"
    assert first.file.data == rest.content


async def test_another_form_is_refused_with_those_that_there_are(eater, json_of):
    answer = await eater.get(f"/users/{eater.id}/export", format="xlsx")
    assert answer.status_code == 400
    (field,) = json_of(answer.content)["detail"]["fields"]
    assert field["field"] == "format"
    for form in ("ndjson", "csv", "fhir-r4", "fhir-r5"):
        assert form in field["message"]
