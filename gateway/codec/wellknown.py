"""Instants, durations and bytes as JSON strings, both ways. Parsers raise ValueError."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_DURATION = re.compile(r"(-?)(0|[1-9]\d{0,11})(?:\.(\d{1,9}))?s", re.ASCII)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# google.protobuf.Timestamp: 0001-01-01 to 9999-12-31; Duration: about 10,000 years.
_FIRST_SECOND = -62135596800
_LAST_SECOND = 253402300799
_DURATION_SECONDS = 315_576_000_000


def parse_instant(text: str) -> dict[str, int]:
    """RFC 3339 with an offset, as {seconds, nanos} of google.protobuf.Timestamp."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise ValueError
    local, fraction, sign, hours, minutes = match.groups()
    elapsed = datetime.fromisoformat(local).replace(tzinfo=UTC) - _EPOCH
    seconds = elapsed.days * 86400 + elapsed.seconds
    if sign:
        offset = int(hours) * 3600 + int(minutes) * 60
        seconds += offset if sign == "-" else -offset
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise ValueError
    return {"seconds": seconds, "nanos": _nanos(fraction)}


def format_instant(message: Any) -> str:
    """RFC 3339 in UTC with Z; the fraction has 0, 3, 6 or 9 digits, as few as hold it."""
    return _instant(message.seconds, message.nanos)


@lru_cache(maxsize=4096)
def _instant(seconds: int, nanos: int) -> str:
    # Not strftime or fromtimestamp: these depend on the platform before 1970 and year 1000.
    text = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    return f"{text}{_fraction(nanos)}Z"


def parse_duration(text: str) -> dict[str, int]:
    """Seconds like `3.5s`, as {seconds, nanos} of google.protobuf.Duration."""
    match = _DURATION.fullmatch(text)
    if match is None or int(match[2]) > _DURATION_SECONDS:
        raise ValueError
    factor = -1 if match[1] else 1
    return {"seconds": factor * int(match[2]), "nanos": factor * _nanos(match[3])}


def format_duration(message: Any) -> str:
    """Seconds like `3.500s`."""
    sign = "-" if message.seconds < 0 or message.nanos < 0 else ""
    return f"{sign}{abs(message.seconds)}{_fraction(abs(message.nanos))}s"


def parse_bytes(text: str) -> bytes:
    """Base64, standard or URL-safe but not both at once, padded or not."""
    raw = text.encode("ascii")
    if (b"-" in raw or b"_" in raw) and (b"+" in raw or b"/" in raw):
        raise ValueError
    raw = raw.translate(_URL_SAFE)
    stem = raw.rstrip(b"=")
    padded = stem + b"=" * (-len(stem) % 4)
    if raw not in (stem, padded):
        raise ValueError
    return binascii.a2b_base64(padded, strict_mode=True)


def format_bytes(value: bytes) -> str:
    """Standard base64 with padding."""
    return binascii.b2a_base64(value, newline=False).decode("ascii")


def _nanos(fraction: str | None) -> int:
    return int(fraction.ljust(9, "0")) if fraction else 0


def _fraction(nanos: int) -> str:
    if not nanos:
        return ""
    if nanos % 1_000_000 == 0:
        return f".{nanos // 1_000_000:03d}"
    return f".{nanos // 1000:06d}" if nanos % 1000 == 0 else f".{nanos:09d}"
