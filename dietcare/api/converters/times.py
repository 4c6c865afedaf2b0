"""Instants and dates."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def to_timestamp(instant: datetime) -> Timestamp:
    """An aware instant as a Timestamp."""
    stamp = Timestamp()
    stamp.FromDatetime(instant.astimezone(UTC))
    return stamp


def from_timestamp(stamp: Timestamp) -> datetime:
    """A Timestamp as an aware instant; ValueError where it is out of range."""
    return stamp.ToDatetime(tzinfo=UTC)


def instant_text(instant: datetime) -> str:
    """RFC 3339 in UTC with Z, milliseconds only where they are not zero."""
    precise = "milliseconds" if instant.microsecond else "seconds"
    return instant.astimezone(UTC).isoformat(timespec=precise).replace("+00:00", "Z")
