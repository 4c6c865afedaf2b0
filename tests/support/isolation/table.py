"""The table: what each RPC does with a user's records, who may do that, and what ids lead to.

Written by hand from section 2 of the contract, and from nothing in `dietcare`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor
from refusals.requests import METHODS

from gateway.v1 import annotations_pb2

KINDS: Mapping[str, str] = {
    "AnalyzeFood": "write",
    "LogMeal": "write",
    "ListMeals": "read",
    "GetMeal": "read",
    "UpdateMeal": "write",
    "DeleteMeal": "write",
    "GetGoals": "read",
    "UpdateGoals": "write",
    "ListDefaultGoals": "nobody's",
    "GetProgress": "read",
    "GetStreak": "read",
    "GetQuota": "read",
    "SearchFoods": "nobody's",
    "ExportUserData": "account",
    "DeleteUserData": "account",
}

OWN = ("own", "own, unsaid")
NOBODY = ("no token", "expired", "garbage")
SCOPES = ("diet:read", "diet:service", "diet:admin")
CALLERS = (*NOBODY, "another user", *SCOPES, *OWN)
MAY: Mapping[str, tuple[str, ...]] = {
    "read": (*OWN, *SCOPES),
    "write": (*OWN, "diet:service", "diet:admin"),
    "account": (*OWN, "diet:admin"),
    "nobody's": ("another user", *SCOPES, *OWN),
}


class Expected(NamedTuple):
    """What an answer is over REST and over gRPC; a status of 200 stands for any success."""

    status: int
    code: str
    reason: str | None = None


OK = Expected(200, "OK")
UNAUTHENTICATED = Expected(401, "UNAUTHENTICATED", "UNAUTHENTICATED")
DENIED = Expected(403, "PERMISSION_DENIED", "PERMISSION_DENIED")
INVALID = Expected(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT")
INVALID_MEAL = Expected(400, "INVALID_ARGUMENT", "INVALID_MEAL_DATA")
NO_MEAL = Expected(404, "NOT_FOUND", "MEAL_NOT_FOUND")

IDS: Mapping[str, Expected | None] = {
    "user_id": None,  # whose it is, which the callers are about
    "meal_id": NO_MEAL,
    "analysis_id": INVALID_MEAL,
    "page_token": INVALID,
    "meal.id": INVALID_MEAL,  # read-only, whosever it is
    "meal.user_id": INVALID_MEAL,
    "meal.analysis_id": INVALID_MEAL,
}
"""What the id of somebody else's leads to, and one of nothing alike."""

ID_ENDINGS = ("_id", "_ids", "_token", "_key")

VALUES: Mapping[str, Any] = {
    "meal_type": "lunch",
    "foods": [{"name": "현미밥", "portion_g": 210, "sodium_mg": 2}],
    "meal": {"note": "changed"},
    "ckd_stage": "3",
    "date": "2025-11-27",
    "query": "된장",
}
"""What fields have in a valid request, and the picture, which the world has."""


def expected(rpc: str, caller: str) -> Expected:
    """What a valid request about the owner gets."""
    if caller in NOBODY:
        return UNAUTHENTICATED
    return OK if caller in MAY[KINDS[rpc]] else DENIED


def id_paths(rpc: str) -> list[str]:
    """Every field of a request that can name something that belongs to somebody."""
    return list(_id_paths(METHODS[rpc].input_type, ""))


def _id_paths(message: Descriptor, prefix: str) -> Iterator[str]:
    for field in message.fields:
        if field.name == "id" or field.name.endswith(ID_ENDINGS):
            yield prefix + field.name
        elif field.message_type is not None and field.message_type.file.package == "dietcare.v1":
            yield from _id_paths(field.message_type, f"{prefix}{field.name}.")


def takes_keys(rpc: str) -> bool:
    """Whether an RPC takes idempotency keys."""
    rule = METHODS[rpc].GetOptions().Extensions[annotations_pb2.method]
    return "Idempotency-Key" in rule.request_headers


def valid_request(rpc: str, values: Mapping[str, Any], user_id: str | None) -> dict[str, Any]:
    """A valid request about `user_id`, or about whoever sends it, as its JSON."""
    fields = METHODS[rpc].input_type.fields_by_name
    found = {**VALUES, **values}
    request = {name: found[name] for name in fields if name in found and name != "user_id"}
    if user_id is not None and "user_id" in fields:
        request["user_id"] = user_id
    return request


def with_id(request: Mapping[str, Any], path: str, value: str) -> dict[str, Any]:
    """`request` with the id at `path`."""
    outer, _, inner = path.rpartition(".")
    if not outer:
        return {**request, inner: value}
    return {**request, outer: {**request[outer], inner: value}}
