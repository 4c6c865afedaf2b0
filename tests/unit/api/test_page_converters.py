"""Which page of which meals a client asks for."""

from datetime import date

import pytest

from dietcare.api.converters import meals
from dietcare.api.page_tokens import PageTokens
from dietcare.domain.meal import MealCursor, MealFilter, MealPage, MealType
from dietcare.messages import Language
from dietcare.v1 import meal_pb2

EN = Language.EN


def test_a_page_has_defaults():
    asked = meals.page_request_of(meal_pb2.ListMealsRequest())

    assert (asked.page, asked.page_size, asked.where) == (1, 20, MealFilter())
    assert asked.token is None


def test_a_token_says_where_a_page_begins(build, user):
    cursor = MealCursor(build.instant("2025-11-27T03:00:00Z"), "a" * 24)
    token = PageTokens(b"k" * 32).seal(user, MealFilter(), cursor)

    asked = meals.page_request_of(meal_pb2.ListMealsRequest(page_token=token, page_size=5))

    assert (asked.page, asked.page_size, asked.token) == (None, 5, token)
    found = meals.to_page(MealPage((), 0), asked, None, EN).pagination
    assert not found.HasField("page")
    assert not found.HasField("next_page_token")


@pytest.mark.parametrize(("page", "page_size"), [(1, 1), (2, 100)])
def test_both_borders_of_a_page_size_are_accepted(page, page_size):
    asked = meals.page_request_of(meal_pb2.ListMealsRequest(page=page, page_size=page_size))

    assert (asked.page, asked.page_size) == (page, page_size)


def test_a_filter_by_dates_and_by_instants(build):
    dates = meals.page_request_of(
        meal_pb2.ListMealsRequest(start_date="2025-11-01", end_date="2025-11-01", meal_type=3)
    ).where
    assert (dates.first_date, dates.last_date) == (date(2025, 11, 1), date(2025, 11, 1))
    assert (dates.first_instant, dates.last_instant) == (None, None)
    assert dates.meal_type is MealType.DINNER

    instants = meals.page_request_of(
        meal_pb2.ListMealsRequest(
            start_date="2025-11-01T00:00:00+09:00", end_date="2025-10-31T15:00:00Z"
        )
    ).where
    assert instants.first_instant == instants.last_instant == build.instant("2025-10-31T15:00:00Z")
    assert (instants.first_date, instants.last_date) == (None, None)


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"page": 0, "page_size": 101}, {"page", "page_size"}),
        ({"page": -1, "page_size": 0, "meal_type": 9}, {"page", "page_size", "meal_type"}),
        ({"start_date": "", "end_date": "tomorrow"}, {"start_date", "end_date"}),
        ({"start_date": "2025-11-02", "end_date": "2025-11-01"}, {"end_date"}),
        ({"start_date": "2025-11-02T00:00:00Z", "end_date": "2025-11-01T23:59:59Z"}, {"end_date"}),
        ({"start_date": "2025-11-02", "end_date": "2025-11-03T00:00:00Z"}, {"end_date"}),
        ({"start_date": "2025-11-02T00:00:00"}, {"start_date"}),
        ({"page_token": "", "page_size": 0}, {"page_token", "page_size"}),
        ({"page": 1, "page_token": "x"}, {"page", "page_token"}),
    ],
)
def test_a_malformed_page_names_its_fields(refused, said, fields):
    with refused() as broken:
        meals.page_request_of(meal_pb2.ListMealsRequest(**said))

    assert set(broken) == fields


@pytest.mark.parametrize(("total", "pages"), [(0, 0), (1, 1), (20, 1), (21, 2), (45, 3)])
def test_a_page_counts_the_pages(build, total, pages):
    asked = meals.page_request_of(meal_pb2.ListMealsRequest())

    found = meals.to_page(MealPage((build.meal("2025-11-27"),), total), asked, "next", EN)

    assert (found.pagination.total, found.pagination.total_pages) == (total, pages)
    assert (found.pagination.page, found.pagination.page_size) == (1, 20)
    assert found.pagination.next_page_token == "next"
    assert len(found.meals) == 1
