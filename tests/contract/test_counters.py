"""Counters are exact, whatever is concurrent, wherever they are kept."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from dietcare.domain.quota import Limit, LimitName, Window
from dietcare.limits.redis import RedisCounters
from dietcare.limits.scripts import Scripts
from dietcare.limits.seeded import SeededCounters

# In the future: what a server removes by its own clock is not removed while a test runs.
AT = datetime(2100, 1, 1, 12, tzinfo=UTC)
LIMIT = Limit(LimitName.MEALS, 10, 86_400)
TODAY = LIMIT.window(AT)
TOMORROW = LIMIT.window(AT + timedelta(days=1))
MILLISECOND = timedelta(milliseconds=1)
LAST = TODAY.resets_at - MILLISECOND

# Where each keeps its counts: the kind of backend beneath it.
BENEATH = {
    "memory": "memory",
    "seeded": "mongo-motor",
    "mongo-motor": "mongo-motor",
    "mongo-pymongo": "mongo-pymongo",
    "redis": "memory",
}


@pytest.fixture(params=BENEATH)
def store(request):
    return request.param


@pytest.fixture
def kind(store):
    return BENEATH[store]


@pytest.fixture
async def open_counters(store, backend, open_backend, request):
    """Opens one more client of the same counters."""
    async with AsyncExitStack() as stack:

        def open_one():
            if store == "redis":
                scripts = Scripts.open(request.getfixturevalue("valkey_url"))
                stack.push_async_callback(scripts.aclose)
                return RedisCounters(scripts)
            if store == "memory":
                return backend.repositories.counters
            stored = open_backend().repositories.counters
            return SeededCounters(stored) if store == "seeded" else stored

        yield open_one


@pytest.fixture
def counters(open_counters):
    return open_counters()


async def take(counters, user, times=1, *, window=TODAY, maximum=10, now=AT):
    """The counts of so many units taken one after the other; None for each refused."""
    taken = [await counters.take(user, window, maximum, now) for _ in range(times)]
    return [each and each.count for each in taken]


async def take_at_once(takers, user, times, maximum=10):
    """The counts that so many concurrent takes were granted, spread over the takers."""
    spread = (takers[n % len(takers)] for n in range(times))
    taken = await asyncio.gather(*(each.take(user, TODAY, maximum, AT) for each in spread))
    return sorted(each.count for each in taken if each)


async def test_what_nobody_counted_is_0(counters, user):
    assert await counters.count(user, TODAY, AT) == 0


async def test_takes_count_up_from_1(counters, user):
    assert await take(counters, user, 3) == [1, 2, 3]
    assert await counters.count(user, TODAY, AT) == 3


async def test_at_the_maximum_none_is_given(counters, user):
    assert await take(counters, user, 5, maximum=3) == [1, 2, 3, None, None]


async def test_what_is_refused_is_not_counted(counters, user):
    await take(counters, user, 9, maximum=3)
    assert await counters.count(user, TODAY, AT) == 3


async def test_of_a_maximum_of_0_nothing_is_given_or_counted(counters, user):
    assert await take(counters, user, maximum=0) == [None]
    assert await counters.count(user, TODAY, AT) == 0


async def test_a_raised_maximum_gives_the_difference(counters, user):
    await take(counters, user, 3, maximum=3)
    assert await take(counters, user, 3, maximum=5) == [4, 5, None]


async def test_below_what_is_counted_a_maximum_gives_nothing_and_takes_nothing(counters, user):
    await take(counters, user, 5)
    assert await take(counters, user, maximum=3) == [None]
    assert await counters.count(user, TODAY, AT) == 5


async def test_a_unit_given_back_can_be_taken_again(counters, user):
    await take(counters, user, 3, maximum=3)
    assert await counters.give_back(user, TODAY, AT) == 2
    assert await counters.count(user, TODAY, AT) == 2
    assert await take(counters, user, 2, maximum=3) == [3, None]


async def test_a_unit_goes_back_through_what_counted_it(counters, user):
    taken = await counters.take(user, TODAY, 10, AT)
    assert await taken.by.give_back(user, TODAY, AT) == 0
    assert await counters.count(user, TODAY, AT) == 0


async def test_giving_back_stops_at_0(counters, user):
    await take(counters, user)
    assert [await counters.give_back(user, TODAY, AT) for _ in range(3)] == [0, 0, 0]
    assert await take(counters, user, 2) == [1, 2]


async def test_giving_back_what_was_never_taken_counts_nothing(counters, user):
    assert await counters.give_back(user, TODAY, AT) == 0
    assert await counters.count(user, TODAY, AT) == 0
    assert await take(counters, user) == [1]


async def test_users_are_counted_apart(counters, user, other):
    await take(counters, user, 4)
    assert await take(counters, other) == [1]
    await counters.give_back(other, TODAY, AT)
    assert await counters.count(user, TODAY, AT) == 4


async def test_limits_are_counted_apart(counters, user):
    goals = Limit(LimitName.GOAL_UPDATES, 10, 86_400).window(AT)
    await take(counters, user, 4)
    assert await take(counters, user, window=goals) == [1]
    assert await counters.count(user, TODAY, AT) == 4


async def test_a_new_window_begins_at_0(counters, user):
    await take(counters, user, 3, maximum=3)
    assert await take(counters, user, window=TOMORROW, now=TODAY.resets_at) == [1]


async def test_a_window_counts_until_its_last_millisecond(counters, user):
    await take(counters, user, 3, maximum=3)
    assert await counters.count(user, TODAY, LAST) == 3
    assert await take(counters, user, maximum=3, now=LAST) == [None]


async def test_at_its_end_nothing_of_a_window_counts_any_more(counters, user):
    await take(counters, user, 3, maximum=3)
    assert await counters.count(user, TODAY, TODAY.resets_at) == 0


async def test_a_counter_that_is_used_again_after_its_end_begins_at_0(counters, user):
    await take(counters, user, 3, maximum=3)
    again = Window(TODAY.key, TODAY.resets_at + timedelta(hours=1))
    assert await take(counters, user, 2, window=again, now=TODAY.resets_at) == [1, 2]


async def test_a_unit_given_back_late_is_not_taken_from_the_next_window(counters, user):
    await take(counters, user, 2)
    await take(counters, user, 2, window=TOMORROW, now=TODAY.resets_at)
    assert await counters.give_back(user, TODAY, TODAY.resets_at) == 0
    assert await counters.count(user, TOMORROW, TODAY.resets_at) == 2


async def test_a_unit_given_back_late_is_no_gift_to_the_next_window(counters, user):
    await take(counters, user, 10)
    await counters.give_back(user, TODAY, TODAY.resets_at)
    assert await take(counters, user, 11, window=TOMORROW, now=TODAY.resets_at) == [
        *range(1, 11),
        None,
    ]


async def test_200_takes_at_once_are_given_exactly_the_maximum(counters, user):
    assert await take_at_once([counters], user, 200) == list(range(1, 11))
    assert await counters.count(user, TODAY, AT) == 10


async def test_200_takes_at_once_through_two_clients_are_given_exactly_the_maximum(
    open_counters, user
):
    two = [open_counters(), open_counters()]
    assert await take_at_once(two, user, 200) == list(range(1, 11))


async def test_first_takes_at_once_are_all_given_where_there_is_room(open_counters, build):
    two = [open_counters(), open_counters()]
    for _ in range(10):  # each user's first unit is another race
        assert await take_at_once(two, build.id(), 10) == list(range(1, 11))


async def test_takes_and_returns_at_once_end_where_they_should(counters, user):
    async def take_and_return():
        taken = await counters.take(user, TODAY, 100, AT)
        await taken.by.give_back(user, TODAY, AT)

    await take(counters, user, 5, maximum=100)
    await asyncio.gather(*(take_and_return() for _ in range(60)))
    assert await counters.count(user, TODAY, AT) == 5
    assert await take(counters, user, 6) == [6, 7, 8, 9, 10, None]


async def test_while_units_come_and_go_there_are_never_more_than_the_maximum(counters, user):
    out = most = 0

    async def use():
        nonlocal out, most
        taken = await counters.take(user, TODAY, 10, AT)
        if taken is None:
            return
        out += 1
        most = max(most, out)
        await asyncio.sleep(0)
        out -= 1
        await taken.by.give_back(user, TODAY, AT)

    await asyncio.gather(*(use() for _ in range(100)))
    assert 1 <= most <= 10
    assert await counters.count(user, TODAY, AT) == 0


async def test_users_at_once_do_not_disturb_each_other(counters, build):
    users = [build.id() for _ in range(20)]
    granted = await asyncio.gather(*(take_at_once([counters], each, 15) for each in users))
    assert granted == [list(range(1, 11))] * 20


async def test_another_client_sees_at_once_what_was_taken(open_counters, user):
    await take(open_counters(), user, 3)
    assert await open_counters().count(user, TODAY, AT) == 3


async def test_a_restart_forgets_nothing(open_counters, user):
    await take(open_counters(), user, 9)
    restarted = open_counters()
    assert await take(restarted, user, 2) == [10, None]
    await restarted.give_back(user, TODAY, AT)
    assert await take(open_counters(), user, 2) == [10, None]


@pytest.mark.parametrize("address", ["203.0.113.7", "2001:db8:0:1::/64", "unknown", "svc.a b$c"])
async def test_an_address_is_counted_like_a_user(counters, user, address):
    subject = f"{address} {user}"
    assert await take(counters, subject, 3, maximum=2) == [1, 2, None]
    assert await counters.give_back(subject, TODAY, AT) == 1


async def test_a_take_that_is_cancelled_harms_no_other(counters, user):
    takes = [asyncio.create_task(counters.take(user, TODAY, 100, AT)) for _ in range(20)]
    await asyncio.sleep(0)
    for each in takes[::2]:
        each.cancel()
    await asyncio.gather(*takes, return_exceptions=True)
    count = await counters.count(user, TODAY, AT)
    assert 10 <= count <= 20
    assert await take(counters, user, maximum=100) == [count + 1]
