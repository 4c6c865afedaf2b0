"""What a client would rather have: the weights of its Accept… headers, RFC 9110 §12.4.2."""

from __future__ import annotations

import re
from functools import lru_cache

_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


@lru_cache(maxsize=256)
def weights(header: str) -> dict[str, float]:
    """Weights from 0 to 1 by lower-case name; 0, which is a refusal, where one is malformed.

    Parameters of media types are left out, and of a name that is there twice the best counts.
    """
    result: dict[str, float] = {}
    for member in header.lower().split(","):
        name, *parameters = (part.strip() for part in member.split(";"))
        if name:
            result[name] = max(result.get(name, 0.0), _weight(parameters))
    return result


def media_weight(accept: str, media_type: str) -> float:
    """The weight of a media type: the most specific range that it falls into counts."""
    given = weights(accept)
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if name in given:
            return given[name]
    return 0.0


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            value = value.strip()
            return float(value) if _WEIGHT.fullmatch(value) else 0.0
    return 1.0
