"""Naming what is unknown, and the known name that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Literal

from gateway.failures import Violations

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 100


def unknown(
    violations: Violations,
    what: Literal["field", "parameter"],
    name: str,
    known: Collection[str],
) -> None:
    """Record that `name` is none of `known`, with the nearest of these where one is near."""
    if violations.is_full:  # a name that is near is dear to find
        return
    shown = name[:_LONGEST]
    near = nearest(shown, known)
    if near is None:
        violations.add(shown, f"unknown_{what}")
    else:
        violations.add(shown, f"unknown_{what}_near", suggestion=near)


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that `name` resembles: its snake_case form, or a near spelling."""
    snake = _HUMP.sub("_", name).lower()
    if snake in known:
        return snake
    matches = get_close_matches(snake, known, n=1)
    return matches[0] if matches else None
