"""Any way through a list by page tokens gives what its numbered pages give."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dietcare.api import call
from dietcare.api.page_tokens import PageTokens
from dietcare.api.servicer import DietCareServicer, Services
from dietcare.auth.caller import Caller
from dietcare.clock import SystemClock, new_id
from dietcare.domain.food import Food
from dietcare.domain.meal import MealDraft, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import ValidationError
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.services.meal import MealService
from dietcare.services.shielded import Shielded
from dietcare.services.streak import StreakService
from dietcare.v1 import meal_pb2

AT = datetime(2025, 11, 27, 9, 30, tzinfo=UTC)
USER = "507f1f77bcf86cd799439011"
ZONE = "Asia/Seoul"
RICE = Food("밥", 210, Nutrients(sodium_mg=2))

# Few instants, so that there are ties; two types, so that filters leave something out.
logged = st.lists(st.tuples(st.integers(-2, 2), st.sampled_from(list(MealType)[:2])), max_size=14)
filters = st.fixed_dictionaries(
    {},
    optional={
        "meal_type": st.sampled_from((1, 2)),
        "start_date": st.sampled_from(("2025-11-25", "2025-11-27")),
        "end_date": st.sampled_from(("2025-11-27", "2025-11-28")),
    },
)


async def servicer_of(many):
    """A servicer over a user who has logged so many meals."""
    stored, clock, shielded = MemoryBackend().repositories, SystemClock(), Shielded()
    streaks = StreakService(stored.streaks, stored.meals, clock, new_id, shielded)
    meals = MealService(stored.meals, stored.analyses, streaks, clock, new_id, stored.idempotency)
    for days, meal_type in many:
        draft = MealDraft(meal_type, (RICE,), logged_at=AT + timedelta(days))
        await meals.log(USER, draft, ZONE)
    services = Services(None, meals, None, None, streaks, None, None, None, {})
    call.begin(call.Call("ListMeals", "req_1", None, Caller(USER, frozenset(), 1), USER))
    return DietCareServicer(services, ZONE, PageTokens(b"k" * 32))


async def ask(servicer, **request):
    return await servicer.ListMeals(meal_pb2.ListMealsRequest(**request), None)


@settings(deadline=None)
@given(logged, filters, st.integers(1, 4), st.lists(st.integers(1, 5), min_size=1), st.booleans())
def test_any_interleaving_of_page_sizes_gives_the_list(many, where, size, sizes, numbered_first):
    async def walk():
        servicer = await servicer_of(many)
        expected, number = [], 1
        while True:
            page = await ask(servicer, page=number, page_size=size, **where)
            expected += [meal.id for meal in page.meals]
            assert page.pagination.page == number
            if not page.pagination.HasField("next_page_token"):
                break
            number += 1
        total = page.pagination.total
        assert len(expected) == total
        assert number == max(1, -(-total // size))

        found, turn, token = [], 0, {}
        if numbered_first:
            token = {"page": 1}
        while True:
            step = sizes[turn % len(sizes)]
            page = await ask(servicer, page_size=step, **token, **where)
            found += [meal.id for meal in page.meals]
            assert page.pagination.total == total
            assert page.pagination.total_pages == -(-total // step)
            assert page.pagination.HasField("page") == (turn == 0)
            assert page.pagination.HasField("next_page_token") == (len(found) < total)
            if not page.pagination.HasField("next_page_token"):
                break
            token, turn = {"page_token": page.pagination.next_page_token}, turn + 1
        assert found == expected

    asyncio.run(walk())


@settings(deadline=None)
@given(st.data())
def test_a_token_of_another_filter_is_refused(data):
    one, other = data.draw(filters), data.draw(filters)

    async def check():
        servicer = await servicer_of([(0, MealType.BREAKFAST), (0, MealType.BREAKFAST)])
        page = await ask(servicer, page_size=1, **one)
        token = page.pagination.next_page_token
        if token and one != other:
            with pytest.raises(ValidationError) as refused:
                await ask(servicer, page_token=token, **other)
            assert [each.field for each in refused.value.violations] == ["page_token"]

    asyncio.run(check())
