"""Reads request fields and collects every one that is malformed, to refuse them all at once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from dietcare.api.converters.enums import EnumTable
from dietcare.api.converters.times import from_timestamp
from dietcare.domain import calendar
from dietcare.domain.ids import is_id
from dietcare.errors import ValidationError, Violation
from dietcare.messages import text

E = TypeVar("E", bound=StrEnum)


class Reader:
    """Reads the fields of one request; `done` raises what was collected.

    `beside` is what is wrong with whose record it is about, or which: told with the rest, but
    alone it is a ValidationError whatever `error` is.
    """

    def __init__(
        self, error: type[ValidationError] = ValidationError, beside: Sequence[Violation] = ()
    ) -> None:
        self._error = error
        self._beside = beside
        self._violations: list[Violation] = []

    def refuse(self, field: str, key: str, **values: object) -> None:
        """Note that a field is malformed."""
        self._violations.append(Violation(field, text(key, **values)))

    def done(self, more: Callable[[], Iterable[Violation]] = tuple) -> None:
        """Raise where anything was refused, then with what `more` finds wrong with other fields."""
        if not self._violations and not self._beside:
            return
        refused = {each.field for each in self._violations}
        found = [*self._violations, *(each for each in more() if each.field not in refused)]
        raise (self._error if found else ValidationError)([*self._beside, *found])

    def optional(self, message: Message, field: str) -> str | None:
        """An optional string; None where it is absent."""
        value: str = getattr(message, field)
        return value if message.HasField(field) else None

    def identifier(self, message: Message, field: str, path: str | None = None) -> str | None:
        """An optional id, in lower case."""
        value: str = getattr(message, field)
        if _is_absent(message, field):
            return None
        if not is_id(value):
            self.refuse(path or field, "field.id")
        return value.lower()

    def enum(self, message: Message, field: str, table: EnumTable, enum: type[E]) -> E | None:
        """An enum; None where it is absent or unspecified."""
        number: int = getattr(message, field)
        member = table.member(number, enum)
        if member is None and number != 0:
            self.refuse(field, "field.enum", allowed=table.allowed)
        return member

    def instant(self, message: Message, field: str) -> datetime | None:
        """An optional Timestamp."""
        stamp: Timestamp = getattr(message, field)
        if not message.HasField(field):
            return None
        try:
            return from_timestamp(stamp)
        except (ValueError, OverflowError):
            self.refuse(field, "field.instant")
            return None

    def day(self, message: Message, field: str) -> date | None:
        """A required date."""
        value: str = getattr(message, field)
        day = calendar.parse_date(value)
        if day is None:
            self.refuse(field, "field.date" if value else "field.required")
        return day

    def integer(
        self, message: Message, field: str, default: int, minimum: int, maximum: int
    ) -> int:
        """An optional integer within its range."""
        value: int = getattr(message, field)
        if not message.HasField(field):
            return default
        if not minimum <= value <= maximum:
            self.refuse(field, "field.range", minimum=minimum, maximum=maximum)
        return value

    def zone(self, message: Message, field: str) -> str | None:
        """An optional IANA time zone."""
        value: str = getattr(message, field)
        if not message.HasField(field):
            return None
        if calendar.zone(value) is None:
            self.refuse(field, "field.time_zone")
        return value


def _is_absent(message: Message, field: str) -> bool:
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    return descriptor.has_presence and not message.HasField(field)
