"""Lists of meals: dates, pages, tokens."""

from typing import Any

from refusals.case import Case, rest

DAY, INSTANT = "2025-11-27", "2025-11-27T09:00:00Z"
NO_DATES = (
    *("2025-13-01", "2025-02-30", "20251127", "27.11.2025", "0000-00-00", "yesterday"),
    *("2025-11-27T09:00:00", "2025-11-27T09Z", "2025-W48-4T09:00:00Z", "20251127T090000Z"),
)
NO_TOKENS = ("x", "!", "A" * 70, "$token", "$mine=", "A$mine", "${mine}A")


def listed(name: str, request: dict[str, Any], *fields: str, **more: Any) -> Case:
    return Case(
        name=name,
        rpc="ListMeals",
        request=request,
        reason="INVALID_ARGUMENT",
        fields=fields,
        **more,
    )


def asked(name: str, query: str, *fields: str, **more: Any) -> Case:
    return rest(name, "ListMeals", f"GET /meals?{query}", *fields, **more)


CASES = [
    *(
        listed(f"{name} {value}", {name: value}, name)
        for name in ("start_date", "end_date")
        for value in NO_DATES
    ),
    listed("an end before its start", {"start_date": DAY, "end_date": "2025-11-26"}, "end_date"),
    listed(
        "an end 1 ms before its start",
        {"start_date": INSTANT, "end_date": "2025-11-27T17:59:59.999+09:00"},
        "end_date",
    ),
    listed("a date and an instant", {"start_date": DAY, "end_date": INSTANT}, "end_date"),
    listed("an instant and a date", {"start_date": INSTANT, "end_date": DAY}, "end_date"),
    *(listed(f"page {n}", {"page": n}, "page") for n in (0, -1, 1_000_001)),
    *(listed(f"page_size {n}", {"page_size": n}, "page_size") for n in (0, -1, 101)),
    *(listed(f"page_token {text}", {"page_token": text}, "page_token") for text in NO_TOKENS),
    *(
        listed(
            f"a token without {name} {value}",
            {"page_token": "$mine", name: value},
            "page_token",
        )
        for name, value in (
            ("meal_type", "lunch"),
            ("start_date", DAY),
            ("end_date", DAY),
            ("start_date", INSTANT),
        )
    ),
    listed("page and page_token", {"page": 1, "page_token": "$mine"}, "page"),
    listed(
        "all of these at once",
        {
            "user_id": "me",
            "page": 1,
            "page_token": "!",
            "page_size": 101,
            "start_date": "x",
            "end_date": "y",
        },
        *("end_date", "page", "page_size", "page_token", "start_date", "user_id"),
    ),
    listed("no such meal type", {"meal_type": 99}, "meal_type", only="gRPC"),
    listed("an empty page_token", {"page_token": ""}, "page_token"),
    listed("an empty date", {"start_date": ""}, "start_date"),
    # What a query can say and a message can not.
    asked(
        "a type in capitals", "meal_type=Lunch", "meal_type", says="breakfast, lunch, dinner, snack"
    ),
    asked("an empty type", "meal_type=", "meal_type"),
    asked("a number with an exponent", "page=1e0", "page"),
    asked("a number with a sign", "page=%2B1", "page"),
    asked("a number with a zero before it", "page=01", "page"),
    asked("a number that is none", "page_size=many", "page_size"),
    asked("a number of 33 bits", "page=4294967296", "page"),
    asked("an empty number", "page=", "page"),
    asked("two values", "page=1&page=2", "page"),
    asked("the same value twice", "page=1&page=1", "page"),
    asked("no UTF-8", "page=%ff", "page"),
    asked("an unknown parameter", "pagesize=5", "pagesize", says="page_size"),
    asked("a name in camels", "mealType=lunch", "mealType", says="meal_type"),
    asked(
        "unknown, empty, twice", "pge=1&page=&page_size=1&page_size=1", "page", "page_size", "pge"
    ),
    asked("a body", "page=1", "", body={"page": 1}),
]
