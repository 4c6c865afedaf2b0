"""A meal as an HTTP entity: its ETag, its place, and the versions that a change is meant for."""

import re
from typing import Any

import grpc

from dietcare.api import call
from dietcare.domain.meal import Meal
from dietcare.errors import ValidationError

Context = grpc.aio.ServicerContext[Any, Any]

IF_MATCH = "if-match"
MEALS = "/api/diet/meals/"
_LIST = re.compile(r'[ \t,]*((W/)?"[!#-~]*"[ \t]*(,[ \t,]*|$))+')
_TAG = re.compile(r'(W/)?"([!#-~]*)"')
# As a version is written, and no longer than any can be.
_VERSION = re.compile(r"[1-9][0-9]{0,9}")


def tell_etag(meal: Meal) -> None:
    """Have the answer say which version of the meal it shows."""
    call.current().trailers.append(("etag", f'"{meal.version}"'))


def tell_location(meal: Meal) -> None:
    """Have the answer say where the new meal is."""
    call.current().trailers.append(("location", f"{MEALS}{meal.id}"))


def expected_versions(context: Context) -> frozenset[int] | None:
    """The versions that If-Match names; None for any, where it is absent or `*`.

    The comparison is the strong one of RFC 9110 §13.1.1: a weak tag, or one that is no version,
    is never that of a meal.

    Raises:
        ValidationError: it is malformed.
    """
    given = [value for name, value in context.invocation_metadata() or () if name == IF_MATCH]
    if not given:
        return None
    tags = ",".join(value if isinstance(value, str) else "" for value in given).strip(" \t")
    if tags == "*":
        return None
    if not _LIST.fullmatch(tags):
        raise ValidationError.of(IF_MATCH, "field.if_match")
    strong = (tag for weak, tag in _TAG.findall(tags) if not weak)
    return frozenset(int(tag) for tag in strong if _VERSION.fullmatch(tag))
