"""The forms of an export that are files, by name."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dietcare.domain.ids import UserId
from dietcare.domain.meal import Meal
from dietcare.export import fhir, table
from dietcare.export.fhir_r4 import observations
from dietcare.export.fhir_r5 import intakes
from dietcare.export.pieces import pieces


class ExportFormat(StrEnum):
    """The form of an export."""

    NDJSON = "ndjson"
    CSV = "csv"
    FHIR_R4 = "fhir-r4"
    FHIR_R5 = "fhir-r5"


_Parts = Callable[[UserId, AsyncIterator[Meal], datetime], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class FileForm:
    """How the meals of a user become a file, and what a browser should call it."""

    media_type: str
    name: str
    _parts: _Parts

    def write(
        self, user_id: UserId, meals: AsyncIterator[Meal], now: datetime
    ) -> AsyncGenerator[bytes, None]:
        """The file in pieces."""
        return pieces(self._parts(user_id, meals, now))


FILES: Mapping[ExportFormat, FileForm] = {
    ExportFormat.CSV: FileForm(
        f"{table.MEDIA_TYPE}; charset=utf-8",
        "dietcare-meals.csv",
        lambda user_id, meals, now: table.rows(meals),
    ),
    ExportFormat.FHIR_R4: FileForm(
        f"{fhir.MEDIA_TYPE}; fhirVersion=4.0",
        "dietcare-fhir-r4.json",
        lambda user_id, meals, now: fhir.bundle(observations(user_id, meals), now),
    ),
    ExportFormat.FHIR_R5: FileForm(
        f"{fhir.MEDIA_TYPE}; fhirVersion=5.0",
        "dietcare-fhir-r5.json",
        lambda user_id, meals, now: fhir.bundle(intakes(meals), now),
    ),
}
"""NDJSON is no file of its own: it is the stream of records itself."""
