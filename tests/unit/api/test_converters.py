"""Goals, progress, streaks, analyses, quota and accounts as messages; enums by their strings."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from dietcare.api.converters import account, analyses, goals, progress, streaks
from dietcare.api.converters.enums import EnumTable
from dietcare.api.converters.nutrients import NUTRIENT
from dietcare.api.converters.times import from_timestamp, instant_text, to_timestamp
from dietcare.domain.analysis import Analysis
from dietcare.domain.food import Confidence, NutrientSource
from dietcare.domain.goal import CkdStage, Dialysis, GoalSource
from dietcare.domain.meal import MealType
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.domain.progress import Direction, Period
from dietcare.domain.quota import LimitName, LimitStatus
from dietcare.domain.streak import Streak
from dietcare.erasure.eraser import Erased
from dietcare.messages import Language
from dietcare.services.nutrition_analyzer import AnalysisResult
from dietcare.v1 import account_pb2, food_pb2, goal_pb2, meal_pb2, nutrients_pb2, progress_pb2

EN, KO = Language.EN, Language.KO


@pytest.mark.parametrize(
    ("message", "domain"),
    [
        (meal_pb2.MealType, MealType),
        (goal_pb2.CkdStage, CkdStage),
        (goal_pb2.Dialysis, Dialysis),
        (goal_pb2.GoalSource, GoalSource),
        (progress_pb2.Period, Period),
        (progress_pb2.TrendDirection, Direction),
        (nutrients_pb2.Nutrient, Nutrient),
        (food_pb2.Confidence, Confidence),
        (food_pb2.NutrientSource, NutrientSource),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_an_enum_is_the_same_in_contract_and_domain(message, domain):
    table = EnumTable(message.DESCRIPTOR)

    numbers = {table.number(member) for member in domain}
    assert numbers == {value.number for value in message.DESCRIPTOR.values} - {0}
    assert {table.member(number, domain) for number in numbers} == set(domain)
    assert table.member(0, domain) is None
    assert table.member(99, domain) is None
    assert table.allowed.split(", ") == [table.member(n, domain).value for n in sorted(numbers)]


def test_a_nutrient_is_its_json_name():
    assert NUTRIENT.allowed == "sodium_mg, protein_g, potassium_mg, phosphorus_mg"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2025, 11, 27, 9, 30, tzinfo=UTC), "2025-11-27T09:30:00Z"),
        (datetime(2025, 11, 27, 9, 30, 0, 120_000, tzinfo=UTC), "2025-11-27T09:30:00.120Z"),
        (
            datetime(2025, 11, 27, 8, tzinfo=timezone(timedelta(hours=9))),
            "2025-11-26T23:00:00Z",
        ),
    ],
)
def test_an_instant_is_written_in_utc(instant, text):
    assert instant_text(instant) == text
    assert from_timestamp(to_timestamp(instant)) == instant


def test_a_goal_change_is_read_whole():
    change = goals.goal_change_of(
        goal_pb2.UpdateGoalsRequest(sodium_mg=0, ckd_stage=5, dialysis=3, weight_kg=70)
    )

    assert change.nutrients == Nutrients(sodium_mg=0)
    assert (change.ckd_stage, change.dialysis) == (CkdStage.FIVE, Dialysis.PERITONEAL)
    assert change.weight_kg == 70
    empty = goals.goal_change_of(goal_pb2.UpdateGoalsRequest())
    assert (empty.nutrients, empty.ckd_stage, empty.weight_kg) == (Nutrients(), None, None)


def test_every_malformed_field_of_goals_is_named_at_once(refused):
    with refused() as fields:
        goals.goal_change_of(goal_pb2.UpdateGoalsRequest(ckd_stage=9, dialysis=9))

    assert fields == {
        "ckd_stage": "must be one of: 1, 2, 3, 4, 5",
        "dialysis": "must be one of: none, hemodialysis, peritoneal",
    }


def test_goals_are_written_whole(build):
    made = build.goals(chosen=Nutrients(sodium_mg=2400), weight_kg=62.5)

    message = goals.to_goals(made, KO)

    assert (message.sodium_mg, message.protein_g, message.phosphorus_mg) == (2400, 50, 800)
    assert (message.ckd_stage, message.dialysis) == (goal_pb2.CKD_STAGE_3, goal_pb2.DIALYSIS_NONE)
    assert message.sources.sodium_mg == goal_pb2.GOAL_SOURCE_USER
    assert message.sources.protein_g == goal_pb2.GOAL_SOURCE_DEFAULT
    assert message.weight_kg == 62.5
    (warning,) = message.warnings
    assert (warning.code, warning.field) == ("GOAL_UNUSUAL", "goals.sodium_mg")
    assert "1500–2300" in warning.message
    assert not goals.to_goals(build.goals(), KO).HasField("weight_kg")


def test_the_defaults_are_listed_with_their_reference():
    listed = goals.to_defaults().defaults

    assert [(each.ckd_stage, each.dialysis) for each in listed] == [
        (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (5, 2), (5, 3),
    ]  # fmt: skip
    assert (listed[2].sodium_mg, listed[2].potassium_mg) == (2000, 2000)
    assert all("KDIGO 2024" in each.reference for each in listed)
    assert all("conservative" in each.reference for each in listed)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({}, {"date": "is required"}),
        ({"date": "27.11.2025"}, {"date": "must be a date, YYYY-MM-DD"}),
        (
            {"date": "2025-11-27T00:00:00Z", "period": 9},
            {"date": "must be a date, YYYY-MM-DD", "period": "must be one of: daily, weekly"},
        ),
    ],
)
def test_a_malformed_question_for_progress_names_its_fields(refused, said, fields):
    with refused() as broken:
        progress.progress_request_of(progress_pb2.GetProgressRequest(**said))

    assert broken == fields


def test_progress_is_daily_unless_it_is_said():
    asked = progress.progress_request_of(progress_pb2.GetProgressRequest(date="2025-11-27"))

    assert (asked.day, asked.period) == (date(2025, 11, 27), Period.DAILY)


def test_a_streak_is_written_with_its_last_date_if_it_has_one():
    message = streaks.to_streak(Streak(5, 12, date(2025, 11, 27), 45))

    assert (message.current_streak, message.longest_streak, message.total_days_logged) == (
        5,
        12,
        45,
    )
    assert message.last_logged_date == "2025-11-27"
    assert not streaks.to_streak(Streak()).HasField("last_logged_date")
    assert streaks.to_summary(Streak(5, 12)).longest == 12


def test_an_analysis_without_food_says_so(user):
    made = Analysis("a" * 24, user, "b" * 24, (), "gpt", "v3", 1, 2, datetime.now(UTC))

    message = analyses.to_result(AnalysisResult(made, True, ()), 9, EN).analysis

    assert message.message == "No food was seen in the picture"
    assert (message.cached, message.remaining_analyses, list(message.foods)) == (True, 9, [])
    assert not message.HasField("coverage")


def test_quota_and_erasure_are_written(build):
    status = LimitStatus(10, 9, build.instant("2025-11-27T04:00:00Z"))

    of_users = (LimitName.ANALYSES, LimitName.MEALS, LimitName.GOAL_UPDATES)
    quota = account.to_quota(dict.fromkeys(of_users, status)).quota

    assert (quota.analyses.limit, quota.meals.remaining) == (10, 9)
    assert quota.goal_updates.reset_at.ToJsonString() == "2025-11-27T04:00:00Z"
    erased = account.to_erased(Erased(45, 12, 1, 2, 1)).erased
    assert (erased.meals, erased.analyses, erased.goals) == (45, 12, 1)
    assert (erased.sessions, erased.streaks) == (2, 1)


def test_only_records_are_exported(build, user):
    made = Analysis("a" * 24, user, "b" * 24, (build.rice,), "m", "v", 1, 2, datetime.now(UTC))
    records = [build.meal("2025-11-27"), build.goals(), made, Streak()]

    kinds = [account.to_record(each, EN).type for each in records]

    assert kinds == [
        account_pb2.RECORD_TYPE_MEAL,
        account_pb2.RECORD_TYPE_GOALS,
        account_pb2.RECORD_TYPE_ANALYSIS,
        account_pb2.RECORD_TYPE_STREAK,
    ]
    with pytest.raises(TypeError, match="no record of an export: str"):
        account.to_record("x", EN)
