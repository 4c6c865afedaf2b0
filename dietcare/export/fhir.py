"""What both releases of FHIR share: a Bundle, written piece by piece, and quantities in UCUM."""

import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from dietcare.domain.ids import UserId
from dietcare.domain.nutrients import Nutrient

MEDIA_TYPE = "application/fhir+json"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ABSENT_EXTENSION = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
USERS = "urn:dietcare:user"
"""Names the system that the identifiers of users are of."""
UNITS: Mapping[Nutrient, str] = {
    Nutrient.SODIUM: "mg",
    Nutrient.PROTEIN: "g",
    Nutrient.POTASSIUM: "mg",
    Nutrient.PHOSPHORUS: "mg",
}
NAMES: Mapping[Nutrient, str] = {
    Nutrient.SODIUM: "Sodium",
    Nutrient.PROTEIN: "Protein",
    Nutrient.POTASSIUM: "Potassium",
    Nutrient.PHOSPHORUS: "Phosphorus",
}

Resource = dict[str, Any]


async def bundle(resources: AsyncIterator[Resource], now: datetime) -> AsyncIterator[bytes]:
    """A Bundle of type `collection`; without resources it has no `entry`, which must not be empty.

    Entries are found by a URN that is the same in every export of the same record.
    """
    head = {"resourceType": "Bundle", "type": "collection", "timestamp": instant(now)}
    yield orjson.dumps(head)[:-1]
    before = b',"entry":['
    async for resource in resources:
        yield before + orjson.dumps({"fullUrl": _urn(resource), "resource": resource})
        before = b","
    yield b"}" if before != b"," else b"]}"


def subject(user_id: UserId) -> Resource:
    """Whom a resource is about: an identifier, and nothing else that tells who it is."""
    return {"identifier": {"system": USERS, "value": user_id}}


def quantity(value: float, unit: str) -> Resource:
    """An amount; `unit` is a code of UCUM."""
    exact = int(value) if float(value).is_integer() else value
    return {"value": exact, "unit": unit, "system": UCUM, "code": unit}


def instant(at: datetime) -> str:
    """RFC 3339, with the offset that `at` has."""
    return at.isoformat(timespec="milliseconds")


def _urn(resource: Resource) -> str:
    user = resource["subject"]["identifier"]["value"]
    name = f"{user}/{resource['resourceType']}/{resource['id']}"
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"
