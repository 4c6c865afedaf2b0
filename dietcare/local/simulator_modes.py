"""How the simulator answers: well, or in one of the ways in which a vendor fails."""

from enum import StrEnum


class SimulatorMode(StrEnum):
    """What becomes of every answer."""

    OK = "ok"
    NOT_FOOD = "not_food"
    IMPLAUSIBLE = "implausible"
    NAN = "nan"
    NEGATIVE = "negative"
    HUGE = "huge"
    REFUSAL = "refusal"
    TRUNCATION = "truncation"
    FILTERED = "filtered"
    BROKEN_JSON = "broken_json"
    BROKEN_BODY = "broken_body"
    WRONG_SHAPE = "wrong_shape"
    NO_CONTENT = "no_content"
    NO_CHOICES = "no_choices"
    EMPTY = "empty"
    HTML = "html"
    UNAUTHORIZED = "401"
    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    HANG = "hang"
    TRICKLE = "trickle"


GOOD = frozenset({SimulatorMode.OK, SimulatorMode.NOT_FOOD, SimulatorMode.IMPLAUSIBLE})
"""The modes whose answers are of use."""
