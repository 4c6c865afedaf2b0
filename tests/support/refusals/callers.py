"""Whose records: what is no user id, whose they are not, and what no scope opens."""

from typing import Any

from refusals.case import MEAL, Case

OF_A_USER: dict[str, dict[str, Any]] = {
    "AnalyzeFood": {"image_data": "aGVsbG8="},
    "LogMeal": MEAL,
    "ListMeals": {},
    "GetMeal": {"meal_id": "$theirs"},
    "UpdateMeal": {"meal_id": "$theirs", "meal": {"note": "mine"}},
    "DeleteMeal": {"meal_id": "$theirs"},
    "GetGoals": {},
    "UpdateGoals": {"ckd_stage": "3"},
    "GetProgress": {"date": "2025-11-27"},
    "GetStreak": {},
    "GetQuota": {},
    "ExportUserData": {},
    "DeleteUserData": {},
}
"""A valid request of each RPC that is about somebody."""

WRITING = ("AnalyzeFood", "LogMeal", "UpdateMeal", "DeleteMeal", "UpdateGoals")
ACCOUNT = ("ExportUserData", "DeleteUserData")
NOBODY = "0" * 24
# What is wrong with these is told though they are about somebody else.
MALFORMED: dict[str, tuple[dict[str, Any], str, tuple[str, ...]]] = {
    "LogMeal": ({**MEAL, "analysis_id": "x"}, "INVALID_MEAL_DATA", ("analysis_id",)),
    "ListMeals": ({"page": 0}, "INVALID_ARGUMENT", ("page",)),
    "GetMeal": ({"meal_id": "x"}, "INVALID_ARGUMENT", ("meal_id",)),
    "UpdateMeal": (
        {"meal_id": "$theirs", "meal": {"version": 1}},
        "INVALID_MEAL_DATA",
        ("version",),
    ),
    "DeleteMeal": ({"meal_id": "x"}, "INVALID_ARGUMENT", ("meal_id",)),
    "GetProgress": ({"date": "yesterday"}, "INVALID_ARGUMENT", ("date",)),
    "GetStreak": ({"time_zone": "Mars"}, "INVALID_ARGUMENT", ("time_zone",)),
}


def of(rpc: str, user_id: str, name: str, reason: str, *fields: str, **more: Any) -> Case:
    request = {**OF_A_USER[rpc], "user_id": user_id}
    return Case(name=name, rpc=rpc, request=request, reason=reason, fields=fields, **more)


def forbidden(rpc: str, scope: str) -> Case:
    claims = {"scope": scope, "sub": "clinic"}
    return of(rpc, "$stranger", f"not with {scope}", "PERMISSION_DENIED", claims=claims)


CASES = [
    *(
        of(rpc, text, f"user {text}", "INVALID_ARGUMENT", "user_id")
        for rpc in OF_A_USER
        for text in ("me", "g" * 24, "0" * 25)
    ),
    *(of(rpc, "$stranger", "of another user", "PERMISSION_DENIED") for rpc in OF_A_USER),
    *(of(rpc, NOBODY, "of nobody", "PERMISSION_DENIED") for rpc in OF_A_USER),
    *(forbidden(rpc, "diet:read") for rpc in (*WRITING, *ACCOUNT)),
    *(forbidden(rpc, "diet:service") for rpc in ACCOUNT),
    *(
        Case(
            name="syntax comes before identity",
            rpc=rpc,
            request={**request, "user_id": "$stranger"},
            reason=reason,
            fields=fields,
        )
        for rpc, (request, reason, fields) in MALFORMED.items()
    ),
    *(
        Case(
            name="a service has to say whom it means",
            rpc=rpc,
            request=request,
            reason="INVALID_ARGUMENT",
            fields=("user_id",),
            claims={"scope": "diet:service", "sub": "importer"},
        )
        for rpc, request in OF_A_USER.items()
        if rpc not in ACCOUNT
    ),
    Case(
        name="whose, and what",
        rpc="LogMeal",
        request={"user_id": "me", "foods": []},
        reason="INVALID_MEAL_DATA",
        fields=("foods", "meal_type", "user_id"),
    ),
]
