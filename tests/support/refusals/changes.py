"""Changes and deletions of a meal: fields that are not for clients, versions, ids."""

from typing import Any

from refusals.case import Case, rest

READ_ONLY: dict[str, Any] = {
    "id": "$nothing",
    "user_id": "$me",
    "created_at": "2025-11-27T09:00:00Z",
    "updated_at": "2025-11-27T09:00:00Z",
    "local_date": "2025-11-27",
    "version": 3,
    "coverage": {"sodium_mg": 1},
}
REQUIRED = ("foods", "logged_at", "meal_type", "time_zone")
STALE = ('"1"', '"3"', '"1", "3"', 'W/"2"', '"abc"', '"02"')
MALFORMED = ("2", "", '"1" "2"', '"2', '*, "2"')


def patch(name: str, meal: dict[str, Any], reason: str, *fields: str, **more: Any) -> Case:
    request = {"meal_id": "$meal", "meal": meal, **more.pop("request", {})}
    return Case(name=name, rpc="UpdateMeal", request=request, reason=reason, fields=fields, **more)


def masked(name: str, *paths: str, meal: dict[str, Any] | None = None) -> Case:
    """What the names of a JSON object can not say."""
    request = {"update_mask": {"paths": list(paths)}}
    given = meal or {}
    return patch(name, given, "INVALID_MEAL_DATA", *paths, request=request, only="gRPC")


def change_and_delete(name: str, reason: str, *fields: str, **more: Any) -> list[Case]:
    """A change and a deletion with the same fault beside what is changed."""
    request = {"meal_id": "$meal", **more.pop("request", {})}
    delete = {"request": request, "reason": reason, "fields": fields, **more}
    change = {**delete, "request": {**request, "meal": {"note": "x"}}}
    return [
        Case(name=name, rpc="UpdateMeal", **change),
        Case(name=name, rpc="DeleteMeal", **delete),
    ]


CASES = [
    *(patch(f"{n} is read-only", {n: v}, "INVALID_MEAL_DATA", n) for n, v in READ_ONLY.items()),
    *(patch(f"{n} is required", {n: None}, "INVALID_MEAL_DATA", n) for n in REQUIRED),
    patch(
        "everything required, all that is read-only",
        {**READ_ONLY, **dict.fromkeys(REQUIRED)},
        "INVALID_MEAL_DATA",
        *REQUIRED,
        *READ_ONLY,
    ),
    patch(
        "read-only beside what breaks a rule",
        {"version": 3, "note": "a" * 1_001},
        "INVALID_MEAL_DATA",
        *("note", "version"),
    ),
    masked("paths that are none", "foods.name", "nonsense", "*", ""),
    masked("a path that is none beside one that is", "notes", meal={"note": "x"}),
    rest("a field that is none", "UpdateMeal", "PATCH /meals/$meal", "notes", body={"notes": "x"}),
    rest("a note that is no text", "UpdateMeal", "PATCH /meals/$meal", "note", body={"note": 5}),
    rest(
        "a body that is no object",
        "UpdateMeal",
        "PATCH /meals/$meal",
        *("",),
        body=[{"note": "x"}],
    ),
    # Versions.
    *(
        case
        for tags in STALE
        for case in change_and_delete(
            f"If-Match: {tags}", "STALE_VERSION", headers=(("if-match", tags),)
        )
    ),
    *change_and_delete(
        "two lines of If-Match",
        "STALE_VERSION",
        headers=(("if-match", '"1"'), ("if-match", '"3"')),
    ),
    patch("a change of nothing", {}, "STALE_VERSION", headers=(("if-match", '"1"'),)),
    *(
        case
        for tags in MALFORMED
        for case in change_and_delete(
            f"If-Match: {tags}", "INVALID_ARGUMENT", "if-match", headers=(("if-match", tags),)
        )
    ),
    *change_and_delete(
        "a malformed If-Match is told before whose meal it is",
        "INVALID_ARGUMENT",
        "if-match",
        request={"user_id": "$stranger"},
        headers=(("if-match", "2"),),
    ),
    *change_and_delete(
        "what is not there has no version",
        "MEAL_NOT_FOUND",
        request={"meal_id": "$nothing"},
        headers=(("if-match", '"1"'),),
    ),
]
