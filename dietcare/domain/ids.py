"""Ids: 24 hexadecimal digits, as MongoDB's ObjectId writes them."""

import re
from collections.abc import Callable
from typing import NewType

UserId = NewType("UserId", str)
MealId = NewType("MealId", str)
AnalysisId = NewType("AnalysisId", str)
GoalId = NewType("GoalId", str)
SessionId = NewType("SessionId", str)

IdFactory = Callable[[], str]
"""Makes a new id of 24 lower-case hexadecimal digits, never the same twice."""

_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)


def is_id(text: str) -> bool:
    """Whether `text` is 24 hexadecimal digits."""
    return _ID.fullmatch(text) is not None
