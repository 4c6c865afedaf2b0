"""Numbers as JSON numbers."""

from __future__ import annotations

import struct

# Above this a float has no fraction anyway, and its digits would be noise.
EXACT = 1e16
# The largest float of 32 bits. Other readers refuse a larger number even where it rounds to this.
LARGEST_SINGLE = 3.4028234663852886e38
_SINGLE = struct.Struct("f")


def number(value: float) -> int | float:
    """A double as a JSON number: 2, not 2.0.

    Raises:
        ValueError: it is not finite, which JSON can not say.
    """
    if -EXACT < value < EXACT:
        whole = int(value)
        return whole if whole == value else value
    if value - value != 0.0:
        raise ValueError("a number that is not finite has no JSON form")
    return value


def short_number(value: float) -> int | float:
    """A float of 32 bits as the shortest number that gives it again."""
    if value - value != 0.0:
        return number(value)
    for digits in (6, 7, 8, 9):
        short = float(f"{value:.{digits}g}")
        if abs(short) <= LARGEST_SINGLE and _SINGLE.unpack(_SINGLE.pack(short))[0] == value:
            return number(short)
    return number(value)
