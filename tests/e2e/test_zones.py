"""Whose clock says which day it is: the request's, else the token's, else the service's."""

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from dietcare.v1 import meal_pb2, progress_pb2, streak_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 1_000}
# 12:30 on the 27th in Seoul, 04:30 in London; still 22:30 on the 26th in New York.
LUNCH_IN_SEOUL = "2025-11-27T03:30:00Z"


class OverRest:
    """A patient's diary over REST."""

    def __init__(self, patient):
        self._patient = patient

    async def log(self, **fields):
        answer = await self._patient.post(
            "/meals", {"meal_type": "lunch", "foods": [RICE], **fields}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["meal"], answer.json()["streak"]["current"]

    async def change(self, meal_id, **fields):
        answer = await self._patient.request("PATCH", f"/meals/{meal_id}", json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()["meal"]

    async def streak(self, **query):
        return (await self._patient.get("/streak", **query)).json()["streak"]["current_streak"]

    async def eaten(self, day):
        progress = (await self._patient.get("/progress", date=day)).json()["progress"]
        return progress["meals_logged"], progress["consumed"]["sodium_mg"]


class OverGrpc:
    """The same over gRPC."""

    def __init__(self, patient):
        self._patient = patient

    async def log(self, **fields):
        request = meal_pb2.LogMealRequest(
            meal_type=meal_pb2.MEAL_TYPE_LUNCH, foods=[RICE], **_instants(fields)
        )
        answer = await self._patient.call("LogMeal", request)
        return _day_and_zone(answer.meal), answer.streak.current

    async def change(self, meal_id, **fields):
        request = meal_pb2.UpdateMealRequest(
            meal_id=meal_id,
            meal=meal_pb2.Meal(**_instants(fields)),
            update_mask=FieldMask(paths=list(fields)),
        )
        return _day_and_zone((await self._patient.call("UpdateMeal", request)).meal)

    async def streak(self, **fields):
        answer = await self._patient.call("GetStreak", streak_pb2.GetStreakRequest(**fields))
        return answer.streak.current_streak

    async def eaten(self, day):
        request = progress_pb2.GetProgressRequest(date=day)
        progress = (await self._patient.call("GetProgress", request)).progress
        return progress.meals_logged, progress.consumed.sodium_mg


def _instants(fields):
    """`fields` with a Timestamp for logged_at."""
    if "logged_at" not in fields:
        return fields
    instant = Timestamp()
    instant.FromJsonString(fields["logged_at"])
    return {**fields, "logged_at": instant}


def _day_and_zone(meal):
    fields = ("id", "local_date", "time_zone", "version")
    return {name: getattr(meal, name) for name in fields}


@pytest.fixture(params=[OverRest, OverGrpc], ids=["REST", "gRPC"])
def diary_of(request, new_patient):
    """The diary of somebody with such claims in the token."""
    return lambda **claims: request.param(new_patient(**claims))


@pytest.mark.parametrize(
    ("said", "claimed", "zone", "day"),
    [
        ("America/New_York", "Europe/London", "America/New_York", "2025-11-26"),
        (None, "America/New_York", "America/New_York", "2025-11-26"),
        (None, None, "Asia/Seoul", "2025-11-27"),
        (None, "Mars/Olympus", "Asia/Seoul", "2025-11-27"),
        ("Asia/Seoul", "America/New_York", "Asia/Seoul", "2025-11-27"),
    ],
)
async def test_a_meal_counts_for_the_day_that_it_is_where_it_was_eaten(
    said, claimed, zone, day, diary_of, at
):
    at(LUNCH_IN_SEOUL)
    diary = diary_of(**({"zoneinfo": claimed} if claimed else {}))

    meal, _ = await diary.log(**({"time_zone": said} if said else {}))

    assert (meal["time_zone"], meal["local_date"]) == (zone, day)
    assert await diary.eaten(day) == (1, 1_000)


async def test_today_is_where_the_request_says_or_the_token_or_the_service(diary_of, at):
    at(LUNCH_IN_SEOUL)
    for claims in ({}, {"zoneinfo": "America/New_York"}):
        diary = diary_of(**claims)
        await diary.log(logged_at="2025-11-25T03:30:00Z", time_zone="Asia/Seoul")
        # The 25th is yesterday while it is the 26th.
        assert await diary.streak(time_zone="America/New_York") == 1
        assert await diary.streak(time_zone="Asia/Seoul") == 0
        assert await diary.streak() == (1 if claims else 0)


async def test_a_meal_that_is_moved_stays_in_its_zone_unless_told_otherwise(diary_of, at):
    at(LUNCH_IN_SEOUL)
    diary = diary_of()
    meal, _ = await diary.log(time_zone="America/New_York")

    moved = await diary.change(meal["id"], logged_at="2025-11-26T03:30:00Z")
    assert (moved["time_zone"], moved["local_date"]) == ("America/New_York", "2025-11-25")
    told = await diary.change(meal["id"], time_zone="Asia/Seoul")
    assert (told["time_zone"], told["local_date"]) == ("Asia/Seoul", "2025-11-26")

    assert [await diary.eaten(f"2025-11-{day}") for day in (25, 26, 27)] == [
        (0, 0),
        (1, 1_000),
        (0, 0),
    ]


async def test_a_change_of_nothing_changes_nothing(diary_of, at):
    at(LUNCH_IN_SEOUL)
    diary = diary_of()
    meal, _ = await diary.log()

    unchanged = await diary.change(meal["id"])

    assert unchanged == meal


async def test_a_traveller_keeps_the_streak_and_every_meal_its_day(diary_of, at):
    """Seoul to New York: the same date comes twice; and back, where one is skipped in the air."""
    diary = diary_of()

    async def eat(instant, zone):
        at(instant)
        meal, streak = await diary.log(time_zone=zone)
        return meal["local_date"], streak

    assert await eat("2025-11-25T03:00:00Z", "Asia/Seoul") == ("2025-11-25", 1)
    assert await eat("2025-11-26T03:00:00Z", "Asia/Seoul") == ("2025-11-26", 2)
    # Dinner in New York, still on the date of the lunch in Seoul.
    assert await eat("2025-11-26T23:30:00Z", "America/New_York") == ("2025-11-26", 2)
    assert await eat("2025-11-27T17:00:00Z", "America/New_York") == ("2025-11-27", 3)
    # In New York it is the evening of the 27th; in Seoul the 28th, and yesterday has a meal.
    at("2025-11-28T02:00:00Z")
    assert await diary.streak(time_zone="America/New_York") == 3
    assert await diary.streak(time_zone="Asia/Seoul") == 3
    # Off at noon of the 28th, there in the evening of the 29th: the 28th was never eaten on.
    at("2025-11-29T11:00:00Z")
    assert await diary.streak(time_zone="Asia/Seoul") == 0
    assert await eat("2025-11-29T11:00:00Z", "Asia/Seoul") == ("2025-11-29", 1)
    # What was eaten in the air, logged late, by the clock of the place that was left.
    assert await _late(diary, "2025-11-28T18:00:00Z", "America/New_York") == ("2025-11-28", 5)

    assert [await diary.eaten(f"2025-11-{day}") for day in range(25, 30)] == [
        (1, 1_000),
        (2, 2_000),
        (1, 1_000),
        (1, 1_000),
        (1, 1_000),
    ]


async def _late(diary, instant, zone):
    meal, streak = await diary.log(logged_at=instant, time_zone=zone)
    return meal["local_date"], streak


async def test_a_day_that_is_to_come_is_empty(diary_of, at):
    at(LUNCH_IN_SEOUL)

    assert await diary_of().eaten("2999-12-31") == (0, 0)
