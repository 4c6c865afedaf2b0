"""Which local date an instant belongs to, and which texts name dates and instants."""

from datetime import UTC, date, datetime, timedelta, timezone

import naive_diary
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dietcare.domain import calendar

MILLISECOND = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2025-11-26T23:00:00Z", "Asia/Seoul", "2025-11-27"),  # breakfast at eight
        ("2025-11-26T14:59:59.999Z", "Asia/Seoul", "2025-11-26"),
        ("2025-11-26T15:00:00Z", "Asia/Seoul", "2025-11-27"),
        # New York springs forward at 07:00Z on 9 March and falls back at 06:00Z on 2 November.
        ("2025-03-09T04:59:59Z", "America/New_York", "2025-03-08"),
        ("2025-03-10T03:59:59Z", "America/New_York", "2025-03-09"),
        ("2025-03-10T04:00:00Z", "America/New_York", "2025-03-10"),
        ("2025-11-02T05:30:00Z", "America/New_York", "2025-11-02"),  # 01:30, the first time
        ("2025-11-02T06:30:00Z", "America/New_York", "2025-11-02"),  # 01:30, the second time
        ("2025-11-03T04:59:59Z", "America/New_York", "2025-11-02"),
        ("2025-11-03T05:00:00Z", "America/New_York", "2025-11-03"),
        # It went from 02:00 to 03:00 there, and the date goes on over that.
        ("2025-03-09T05:00:00Z", "America/New_York", "2025-03-09"),
        # Lord Howe is 10:30 ahead, 11:00 in its summer.
        ("2025-07-01T13:29:59Z", "Australia/Lord_Howe", "2025-07-01"),
        ("2025-07-01T13:30:00Z", "Australia/Lord_Howe", "2025-07-02"),
        ("2025-12-01T12:59:59Z", "Australia/Lord_Howe", "2025-12-01"),
        ("2025-12-01T13:00:00Z", "Australia/Lord_Howe", "2025-12-02"),
        # Apia went from -10 to +14 at 10:00Z on 30 December 2011 and never had that date.
        ("2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"),
        ("2024-02-28T15:00:00Z", "Asia/Seoul", "2024-02-29"),
        ("2025-02-28T15:00:00Z", "Asia/Seoul", "2025-03-01"),
        ("2025-12-31T15:00:00Z", "Asia/Seoul", "2026-01-01"),
        ("2025-11-27T09:59:59Z", "Pacific/Kiritimati", "2025-11-27"),
        ("2025-11-27T10:00:00Z", "Pacific/Kiritimati", "2025-11-28"),
        ("2025-06-01T18:14:59Z", "Asia/Kathmandu", "2025-06-01"),  # 5:45 ahead
        ("2025-06-01T18:15:00Z", "Asia/Kathmandu", "2025-06-02"),
    ],
)
def test_an_instant_belongs_to_the_date_on_the_wall(instant, zone, day):
    assert calendar.local_date(datetime.fromisoformat(instant), zone) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2025-11-27", "Asia/Seoul", "2025-11-27T14:59:59.999Z"),
        ("2025-03-09", "America/New_York", "2025-03-10T03:59:59.999Z"),  # a day of 23 hours
        ("2025-11-02", "America/New_York", "2025-11-03T04:59:59.999Z"),  # a day of 25 hours
        # Midnight of 30 March 2025 does not exist in Beirut: the clock goes from 24:00 to 01:00.
        ("2025-03-29", "Asia/Beirut", "2025-03-29T21:59:59.999Z"),
        # The last hour of 17 February 2018 happened twice in São Paulo.
        ("2018-02-17", "America/Sao_Paulo", "2018-02-18T02:59:59.999Z"),
        ("2011-12-29", "Pacific/Apia", "2011-12-30T09:59:59.999Z"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T09:59:59.999Z"),  # the date that never was
        ("2011-12-31", "Pacific/Apia", "2011-12-31T09:59:59.999Z"),
    ],
)
def test_a_day_ends_a_millisecond_before_the_next_begins(day, zone, end):
    assert calendar.end_of(date.fromisoformat(day), zone) == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("day", "zone"),
    [
        ("2025-04-05", "Australia/Lord_Howe"),
        ("2025-10-04", "Australia/Lord_Howe"),
        ("2011-12-29", "Pacific/Apia"),
        ("2011-12-31", "Pacific/Apia"),
        ("2018-11-03", "America/Sao_Paulo"),  # the next midnight was skipped
        ("2018-02-17", "America/Sao_Paulo"),  # 23:00 came twice
        ("2019-11-02", "America/Havana"),  # the midnight after came twice
        ("2009-10-31", "America/St_Johns"),  # at 00:01 it was 23:01 again
        ("2024-02-28", "Asia/Seoul"),
        ("2024-02-29", "Asia/Seoul"),
        ("2025-12-31", "Pacific/Kiritimati"),
    ],
)
def test_a_day_ends_where_trying_one_minute_after_the_other_says(day, zone):
    day = date.fromisoformat(day)
    end = calendar.end_of(day, zone)

    assert end == naive_diary.last_moment(day, zone)
    assert calendar.local_date(end, zone) == day < calendar.local_date(end + MILLISECOND, zone)


@given(
    day=st.dates(date(2000, 1, 1), date(2037, 12, 31)),
    zone=st.sampled_from(
        [
            "Asia/Seoul",
            "America/New_York",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Africa/Cairo",
            "America/Havana",
            "America/Sao_Paulo",
            "Asia/Beirut",
        ]
    ),
)
def test_the_end_of_a_day_is_its_last_instant_in_every_zone(day, zone):
    end = calendar.end_of(day, zone)

    assert calendar.local_date(end, zone) <= day < calendar.local_date(end + MILLISECOND, zone)


def test_the_days_of_a_week_end_on_the_day_and_cross_months():
    assert calendar.week_ending(date(2024, 3, 2)) == [
        date(2024, 2, 25),
        date(2024, 2, 26),
        date(2024, 2, 27),
        date(2024, 2, 28),
        date(2024, 2, 29),
        date(2024, 3, 1),
        date(2024, 3, 2),
    ]


@pytest.mark.parametrize(
    "name", ["Asia/Seoul", "UTC", "America/Argentina/Ushuaia", "Etc/GMT+5", "ROK"]
)
def test_an_iana_name_is_a_time_zone(name):
    assert calendar.zone(name) is not None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Asia",
        "asia/seoul",
        "Asia/Pyeongyang",
        "+09:00",
        "KST",
        "../../etc/passwd",
        "/etc/localtime",
        "localtime",  # whatever the machine is set to
        "posix/Asia/Seoul",
        "right/Asia/Seoul",  # counts leap seconds
        "Asia/Seoul\x00",
        "Asia/Seoul\n",
        *("Asia/", "/Asia/Seoul", "../Asia/Seoul", "Asia/Seoul/", "posixrules", "KST+9"),
        *("tzdata.zi", "zone1970.tab", "서울"),
        "Factory",  # what stands where nobody has set a zone
        "x" * 100_000,
    ],
)
def test_no_other_name_is_a_time_zone(name):
    assert calendar.zone(name) is None


def test_a_date_in_an_unknown_zone_is_a_fault_of_the_program():
    with pytest.raises(ValueError, match="unknown time zone"):
        calendar.local_date(datetime(2025, 1, 1, tzinfo=UTC), "Mars/Olympus")


def test_a_date_is_year_month_day():
    assert calendar.parse_date("2025-11-27") == date(2025, 11, 27)
    assert calendar.parse_date("2024-02-29") == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20251127",
        "2025-W48-4",
        "2025-11-27T00:00:00Z",
        "2025-1-2",
        "2025-02-29",
        "2025-13-01",
        " 2025-11-27",
        "2025-11-27\n",
        "２０２５-11-27",
        "1899-12-31",
        "3000-01-01",
        "27.11.2025",
    ],
)
def test_no_other_text_is_a_date(text):
    assert calendar.parse_date(text) is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-11-27T09:30:00Z", datetime(2025, 11, 27, 9, 30, tzinfo=UTC)),
        ("2025-11-27t09:30:00z", datetime(2025, 11, 27, 9, 30, tzinfo=UTC)),
        ("2025-11-27T09:30:00.125Z", datetime(2025, 11, 27, 9, 30, 0, 125_000, tzinfo=UTC)),
        ("2025-11-27T18:30:00+09:00", datetime(2025, 11, 27, 9, 30, tzinfo=UTC)),
        ("2025-11-27T05:30:00-03:30", datetime(2025, 11, 27, 9, tzinfo=UTC)),
    ],
)
def test_an_instant_may_carry_any_offset(text, instant):
    parsed = calendar.parse_instant(text)

    assert parsed == instant
    assert parsed.astimezone(timezone(timedelta(hours=9))) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-11-27",
        "2025-11-27T09:30:00",  # without an offset it is no instant
        "2025-11-27 09:30:00Z",
        "2025-11-27T09:30Z",
        "20251127T093000Z",
        "2025-W48-4T09:30:00Z",
        "2025-11-27T09:30:00,5Z",
        "2025-11-27T09:30:00+09",
        "2025-11-27T09:30:00+0900",
        "2025-11-27T09:30:00+09:00:30",
        "2025-11-27T25:30:00Z",
        "2025-11-27T09:30:00+25:00",
        "2025-02-30T09:30:00Z",
        "2025-11-27T09:30:00Z\n",
        "2025-11-27T09:30:0٠Z",
    ],
)
def test_no_other_text_is_an_instant(text):
    assert calendar.parse_instant(text) is None
