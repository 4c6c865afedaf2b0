"""The rules of a meal, which a new one and a change must keep alike."""

from math import inf, nan
from typing import Any

from refusals.case import MEAL, RICE, Case

NUTRIENTS = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
REASON = "INVALID_MEAL_DATA"


def rice(**changes: Any) -> dict[str, Any]:
    return {"foods": [{**RICE, **changes}]}


# What breaks a rule, and the fields that are then refused. Time stands at 2025-11-27T10:00:00Z.
BROKEN: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("no food", {"foods": []}, ("foods",)),
    ("51 foods", {"foods": [RICE] * 51}, ("foods",)),
    ("a food without a name", {"foods": [{"portion_g": 1}]}, ("foods[0].name",)),
    ("a food without a portion", {"foods": [{"name": "물"}]}, ("foods[0].portion_g",)),
    ("an empty name", rice(name=""), ("foods[0].name",)),
    ("a name of spaces", rice(name=" \u3000"), ("foods[0].name",)),
    ("a name of 201 characters", rice(name="밥" * 201), ("foods[0].name",)),
    ("NUL in a name", rice(name="밥\u0000"), ("foods[0].name",)),
    ("a line break in a name", rice(name="밥\n"), ("foods[0].name",)),
    ("DEL in a name", rice(name="밥\u007f"), ("foods[0].name",)),
    ("a name written backwards", rice(name="a\u202eb"), ("foods[0].name",)),
    ("no portion", rice(portion_g=0), ("foods[0].portion_g",)),
    ("a negative portion", rice(portion_g=-1), ("foods[0].portion_g",)),
    ("a portion of more than 5 kg", rice(portion_g=5_000.1), ("foods[0].portion_g",)),
    *((f"negative {n}", rice(**{n: -0.1}), (f"foods[0].{n}",)) for n in NUTRIENTS),
    ("sodium beyond salt", rice(portion_g=10, sodium_mg=3_931), ("foods[0].sodium_mg",)),
    (
        "potassium beyond its salt",
        rice(portion_g=10, potassium_mg=5_241),
        ("foods[0].potassium_mg",),
    ),
    (
        "phosphorus beyond its acid",
        rice(portion_g=10, phosphorus_mg=3_161),
        ("foods[0].phosphorus_mg",),
    ),
    ("protein beyond its powder", rice(portion_g=10, protein_g=9.6), ("foods[0].protein_g",)),
    (
        "more than the portion weighs",
        rice(portion_g=10, protein_g=9, sodium_mg=2_000),
        ("foods[0]",),
    ),
    (
        "a total beyond 1 unit",
        {**rice(), "total_nutrients": {"sodium_mg": 3.1}},
        ("total_nutrients.sodium_mg",),
    ),
    (
        "a total beyond 1 %",
        {**rice(sodium_mg=2_000), "total_nutrients": {"sodium_mg": 2_020.1}},
        ("total_nutrients.sodium_mg",),
    ),
    (
        "a total of what no food has",
        {**rice(), "total_nutrients": {"sodium_mg": 2, "protein_g": 2}},
        ("total_nutrients.protein_g",),
    ),
    (
        "a wrong total of foods that are wrong otherwise",
        {**rice(name="", protein_g=-1), "total_nutrients": {"sodium_mg": 9, "protein_g": 9}},
        ("foods[0].name", "foods[0].protein_g", "total_nutrients.sodium_mg"),
    ),
    ("a note of 1,001 characters", {"note": "가" * 1_001}, ("note",)),
    ("NUL in a note", {"note": "a\u0000"}, ("note",)),
    ("an unknown time zone", {"time_zone": "Asia/Atlantis"}, ("time_zone",)),
    ("an empty time zone", {"time_zone": ""}, ("time_zone",)),
    ("a time zone in lower case", {"time_zone": "asia/seoul"}, ("time_zone",)),
    ("an offset for a time zone", {"time_zone": "+09:00"}, ("time_zone",)),
    ("a zone of the machine's own", {"time_zone": "localtime"}, ("time_zone",)),
    ("a path for a time zone", {"time_zone": "../etc/passwd"}, ("time_zone",)),
    ("before 2000", {"logged_at": "1999-12-31T23:59:59.999Z"}, ("logged_at",)),
    ("5 minutes and 1 ms ahead", {"logged_at": "2025-11-27T10:05:00.001Z"}, ("logged_at",)),
    ("the end of time", {"logged_at": "9999-12-31T23:59:59Z"}, ("logged_at",)),
    ("an analysis that has no id", {"analysis_id": "nonsense"}, ("analysis_id",)),
    ("an empty analysis_id", {"analysis_id": ""}, ("analysis_id",)),
    ("an analysis that is not there", {"analysis_id": "$nothing"}, ("analysis_id",)),
    ("the analysis of another user", {"analysis_id": "$analysis"}, ("analysis_id",)),
    (
        "all of these at once",
        {
            "foods": [{**RICE, "name": ""}, {**RICE, "portion_g": 0, "sodium_mg": -1}],
            "note": "가" * 1_001,
            "time_zone": "Nowhere",
            "logged_at": "1999-01-01T00:00:00Z",
            "analysis_id": "nonsense",
        },
        (
            *("analysis_id", "foods[0].name", "foods[1].portion_g", "foods[1].sodium_mg"),
            *("logged_at", "note", "time_zone"),
        ),
    ),
    (
        "what only the records tell, and the rest",
        {"foods": [], "analysis_id": "$analysis", "time_zone": "Nowhere"},
        ("analysis_id", "foods", "time_zone"),
    ),
]

# JSON has no such numbers, and the gateway refuses such instants and names itself.
BROKEN_MESSAGES: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    *((f"a portion of {x}", rice(portion_g=x), ("foods[0].portion_g",)) for x in (nan, inf, -inf)),
    *((f"{n} of {x}", rice(**{n: x}), (f"foods[0].{n}",)) for n in NUTRIENTS for x in (nan, inf)),
    *(
        (f"a total of {x} {n}", {**rice(), "total_nutrients": {n: x}}, (f"total_nutrients.{n}",))
        for n in NUTRIENTS
        for x in (nan, inf)
    ),
    *(
        (
            f"{seconds} s and {nanos} ns",
            {"logged_at": {"seconds": seconds, "nanos": nanos}},
            ("logged_at",),
        )
        for seconds, nanos in ((10**12, 0), (-(10**12), 0), (0, 10**9), (0, -1))
    ),
    ("no such meal type", {"meal_type": 99}, ("meal_type",)),
    ("no meal type", {"meal_type": 0}, ("meal_type",)),
    (
        "no such meal type, and the rest",
        {"meal_type": 99, **rice(name="")},
        ("foods[0].name", "meal_type"),
    ),
]


def both(name: str, wrong: dict[str, Any], fields: tuple[str, ...], **more: Any) -> list[Case]:
    """A new meal and a change that break the same rule."""
    texts = {"name": name, "reason": REASON, "fields": fields, **more}
    return [
        Case(rpc="LogMeal", request=MEAL | wrong, **texts),
        Case(rpc="UpdateMeal", request={"meal_id": "$meal", "meal": wrong}, **texts),
    ]


CASES = [
    *(case for broken in BROKEN for case in both(*broken)),
    *(case for broken in BROKEN_MESSAGES for case in both(*broken, only="gRPC")),
    Case(name="nothing", rpc="LogMeal", reason=REASON, fields=("foods", "meal_type")),
    Case(
        name="null is absent",
        rpc="LogMeal",
        request={"meal_type": None, "foods": None, "logged_at": None, "note": None},
        reason=REASON,
        fields=("foods", "meal_type"),
    ),
]
