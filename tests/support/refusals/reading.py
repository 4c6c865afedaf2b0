"""What is asked for: foods, progress, the streak, one meal, an export."""

from typing import Any

from refusals.case import Case, rest

DAY = "2025-11-27"
NO_DAYS = (
    *("2025-02-30", "20251127", "27.11.2025", "2025-11-27T00:00:00Z", "1899-12-31", "3000-01-01"),
    *("today", " 2025-11-27", "２０２５-11-27"),
)
NO_ZONES = ("Seoul", "asia/seoul", "+09:00", "localtime", "Factory", "")
NO_IDS = ("0", "z" * 24, "0" * 23, "0" * 25, "０" * 24, "not-an-id")
OF_ONE_MEAL = ("GetMeal", "UpdateMeal", "DeleteMeal")


def asked(rpc: str, name: str, request: dict[str, Any], *fields: str, **more: Any) -> Case:
    reason = more.pop("reason", "INVALID_ARGUMENT")
    return Case(name=name, rpc=rpc, request=request, reason=reason, fields=fields, **more)


def of_meal(rpc: str, name: str, reason: str, *fields: str, **request: str) -> Case:
    change = {"meal": {"note": "mine"}} if rpc == "UpdateMeal" else {}
    return asked(rpc, name, {**request, **change}, *fields, reason=reason)


CASES = [
    # Foods.
    asked("SearchFoods", "no query", {}, "query"),
    asked("SearchFoods", "a query of spaces", {"query": " "}, "query"),
    asked("SearchFoods", "a query that is too long", {"query": "가" * 201}, "query"),
    asked("SearchFoods", "no rows", {"query": "밥", "page_size": 0}, "page_size"),
    asked("SearchFoods", "101 rows", {"query": "밥", "page_size": 101}, "page_size"),
    asked("SearchFoods", "no query and no rows", {"page_size": -1}, "query", "page_size"),
    rest("a page of foods", "SearchFoods", "GET /foods?query=x&page=1", "page"),
    rest("many rows", "SearchFoods", "GET /foods?query=x&page_size=many", "page_size"),
    # Progress.
    asked("GetProgress", "no date", {}, "date"),
    asked("GetProgress", "an empty date", {"date": ""}, "date"),
    *(asked("GetProgress", f"date {day}", {"date": day}, "date") for day in NO_DAYS),
    asked("GetProgress", "whose, of no date", {"user_id": "me"}, "date", "user_id"),
    asked("GetProgress", "no such period", {"date": DAY, "period": 99}, "period", only="gRPC"),
    asked(
        "GetProgress", "no date and no such period", {"period": 99}, "date", "period", only="gRPC"
    ),
    rest(
        "a period in other words",
        "GetProgress",
        f"GET /progress?date={DAY}&period=monthly",
        "period",
        says="daily, weekly",
    ),
    rest("two dates", "GetProgress", f"GET /progress?date={DAY}&date={DAY}", "date"),
    rest("an unknown parameter", "GetProgress", f"GET /progress?dates={DAY}", "dates", says="date"),
    # The streak, and what is left of limits.
    *(asked("GetStreak", f"in {zone!r}", {"time_zone": zone}, "time_zone") for zone in NO_ZONES),
    asked(
        "GetStreak", "whose, where", {"user_id": "me", "time_zone": "Mars"}, "time_zone", "user_id"
    ),
    rest(
        "an unknown parameter",
        "GetStreak",
        "GET /streak?timezone=Asia/Seoul",
        "timezone",
        says="time_zone",
    ),
    rest("an unknown parameter", "GetQuota", "GET /quota?user=1", "user", says="user_id"),
    rest("an unknown parameter", "GetGoals", "GET /goals?userid=1", "userid", says="user_id"),
    rest("any parameter", "ListDefaultGoals", "GET /goals/defaults?ckd_stage=3", "ckd_stage"),
    # One meal.
    *(
        of_meal(rpc, f"meal {text}", "INVALID_ARGUMENT", "meal_id", meal_id=text)
        for rpc in OF_ONE_MEAL
        for text in NO_IDS
    ),
    *(
        of_meal(
            rpc,
            "whose, and which",
            "INVALID_ARGUMENT",
            *("meal_id", "user_id"),
            meal_id="x",
            user_id="me",
        )
        for rpc in ("GetMeal", "DeleteMeal")
    ),
    *(of_meal(rpc, "not there", "MEAL_NOT_FOUND", meal_id="$nothing") for rpc in OF_ONE_MEAL),
    *(of_meal(rpc, "another's", "MEAL_NOT_FOUND", meal_id="$theirs") for rpc in OF_ONE_MEAL),
    asked(
        "UpdateMeal",
        "whose, which and what",
        {"meal_id": "x", "user_id": "me", "meal": {"note": "a" * 1_001, "version": 1}},
        *("meal_id", "note", "user_id", "version"),
        reason="INVALID_MEAL_DATA",
    ),
    asked("GetMeal", "no id", {}, "meal_id", only="gRPC"),
    rest("NUL for an id", "GetMeal", "GET /meals/%00", "meal_id"),
    rest(
        "a meal_id that the address contradicts",
        "GetMeal",
        "GET /meals/$meal?meal_id=$nothing",
        "meal_id",
    ),
    # A whole account.
    asked(
        "ExportUserData", "no such form", {"user_id": "$me", "format": 99}, "format", only="gRPC"
    ),
    asked(
        "ExportUserData", "a negative form", {"user_id": "$me", "format": -1}, "format", only="gRPC"
    ),
    asked(
        "ExportUserData",
        "whose, how",
        {"user_id": "", "format": 99},
        "format",
        "user_id",
        only="gRPC",
    ),
    rest(
        "a form in other words",
        "ExportUserData",
        "GET /users/$me/export?format=pdf",
        "format",
        says="ndjson",
    ),
    rest(
        "a user_id that the address contradicts",
        "DeleteUserData",
        "DELETE /users/$me?user_id=$stranger",
        "user_id",
    ),
]
