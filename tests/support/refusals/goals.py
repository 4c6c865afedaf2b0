"""The rules of goals."""

from math import inf, nan
from typing import Any

from refusals.case import Case, rest

RANGES = {
    "sodium_mg": (500, 6000),
    "protein_g": (15, 200),
    "potassium_mg": (500, 6000),
    "phosphorus_mg": (300, 4000),
    "weight_kg": (30, 300),
}
BELOW = {name: low - 0.1 for name, (low, _) in RANGES.items()}
ABOVE = {name: high + 0.1 for name, (_, high) in RANGES.items()}
STAGE_3 = {"ckd_stage": "3"}
PUT = "PUT /goals"


def put(
    name: str, request: dict[str, Any], *fields: str, reason: str = "INVALID_ARGUMENT", **more: Any
) -> Case:
    return Case(name=name, rpc="UpdateGoals", request=request, reason=reason, fields=fields, **more)


def out_of_range(name: str, values: dict[str, Any], **more: Any) -> list[Case]:
    """The same in a first change and in a later one."""
    first, later = {**STAGE_3, **values}, {**more, "goals": STAGE_3}
    return [
        put(name, first, *values, reason="INVALID_GOAL_RANGE", **more),
        put(f"{name}, later", values, *values, reason="INVALID_GOAL_RANGE", **later),
    ]


def said(name: str, body: dict[str, Any], *fields: str, **more: Any) -> Case:
    return rest(name, "UpdateGoals", PUT, *fields, body=body, **more)


CASES = [
    *(
        case
        for end, values in ((0, BELOW), (1, ABOVE))
        for name, value in values.items()
        for case in out_of_range(f"{name} {value}", {name: value}, says=str(RANGES[name][end]))
    ),
    *out_of_range("all too low", BELOW),
    *out_of_range("all too high", ABOVE),
    *out_of_range("zero", dict.fromkeys(RANGES, 0)),
    *(
        case
        for x in (nan, inf, -inf)
        for case in out_of_range(f"all {x}", dict.fromkeys(RANGES, x), only="gRPC")
    ),
    put("nothing, the first time", {}, "ckd_stage"),
    put("no stage, the first time", {"sodium_mg": 1800}, "ckd_stage"),
    put("null for a stage, the first time", {"ckd_stage": None}, "ckd_stage"),
    put("no stage and all too low", BELOW, "ckd_stage", *BELOW),
    *(
        put(f"{kind} with stage {stage}", {"ckd_stage": stage, "dialysis": kind}, "dialysis")
        for stage in "1234"
        for kind in ("hemodialysis", "peritoneal")
    ),
    put("dialysis after stage 3", {"dialysis": "peritoneal"}, "dialysis", goals=STAGE_3),
    put(
        "stage 4 after dialysis",
        {"ckd_stage": "4"},
        "dialysis",
        goals={"ckd_stage": "5", "dialysis": "hemodialysis"},
    ),
    put(
        "dialysis with stage 3 and all too high",
        {**STAGE_3, "dialysis": "hemodialysis", **ABOVE},
        *("dialysis", *ABOVE),
    ),
    put(
        "whose goals, and all too high",
        {**STAGE_3, "user_id": "me", **ABOVE},
        *("user_id", *ABOVE),
    ),
    put("no such stage", {"ckd_stage": 99}, "ckd_stage", only="gRPC"),
    put("no such dialysis", {**STAGE_3, "dialysis": 99}, "dialysis", only="gRPC"),
    put(
        "no such stage, no such dialysis, and all too low",
        {"ckd_stage": 99, "dialysis": -1, **BELOW},
        *("ckd_stage", "dialysis", *BELOW),
        only="gRPC",
    ),
    # What JSON can say and a message can not.
    said("stage 6", {"ckd_stage": "6"}, "ckd_stage", says="1, 2, 3, 4, 5"),
    said("a stage in the words of the contract", {"ckd_stage": "CKD_STAGE_3"}, "ckd_stage"),
    said("a number for a stage", {"ckd_stage": 3}, "ckd_stage"),
    said(
        "an unknown dialysis",
        {"dialysis": "yes"},
        "dialysis",
        says="none, hemodialysis, peritoneal",
    ),
    said("a number in quotes", {**STAGE_3, "sodium_mg": "2000"}, "sodium_mg"),
    said("a list for a number", {**STAGE_3, "weight_kg": [62]}, "weight_kg"),
    said("an unknown field", {"ckdstage": "3"}, "ckdstage", says="ckd_stage"),
    said("what only the server says", {**STAGE_3, "sources": {}}, "sources"),
    said(
        "all of these at once",
        {"ckd_stage": 3, "dialysis": "yes", "sodium_mg": "2000", "notes": ""},
        *("ckd_stage", "dialysis", "notes", "sodium_mg"),
    ),
    rest("a parameter", "UpdateGoals", f"{PUT}?ckd_stage=3", "ckd_stage", body=STAGE_3),
    # Before the first.
    Case(name="never set", rpc="GetGoals", reason="GOAL_NOT_FOUND"),
]
