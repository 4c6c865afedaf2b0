"""Lists of meals: order, filters, pages by number and by keyset."""

from datetime import date, datetime, timedelta

import pytest

from dietcare.domain.meal import MealCursor, MealFilter, MealPage, MealType

EVERYTHING = MealFilter()


@pytest.fixture
def meals(repositories):
    return repositories.meals


async def stored(meals, user, *many):
    for meal in many:
        await meals.insert(user, meal)
    return sorted(many, key=lambda meal: (meal.logged_at, meal.id), reverse=True)


async def keyset_pages(meals, user, where, limit):
    """The whole list by keyset, from its first page on."""
    page = await meals.page(user, where, skip=0, limit=limit)
    pages = [page]
    while page.has_more:
        last = page.meals[-1]
        cursor = MealCursor(last.logged_at, last.id)
        page = await meals.page_after(user, where, cursor, limit=limit)
        pages.append(page)
    return pages


async def matching(meals, user, where):
    return set((await meals.page(user, where, skip=0, limit=100)).meals)


async def test_a_user_without_meals_has_an_empty_page(meals, user):
    assert await meals.page(user, EVERYTHING, skip=0, limit=20) == MealPage((), 0, has_more=False)


async def test_meals_are_listed_newest_first(meals, build, user):
    expected = await stored(meals, user, *(build.meal(user, days=d) for d in (3, -1, 0, 2)))
    page = await meals.page(user, EVERYTHING, skip=0, limit=20)
    assert list(page.meals) == expected
    assert page.total == 4


async def test_meals_of_the_same_instant_are_listed_by_id_descending(meals, build, user):
    ties = [build.meal(user) for _ in range(5)]
    await stored(meals, user, *(ties[index] for index in (2, 0, 4, 1, 3)))
    page = await meals.page(user, EVERYTHING, skip=0, limit=20)
    assert list(page.meals) == ties[::-1]


async def test_skip_and_limit_cut_the_list_and_the_total_is_all_of_it(meals, build, user):
    expected = await stored(meals, user, *(build.meal(user, minutes=m) for m in range(7)))
    page = await meals.page(user, EVERYTHING, skip=2, limit=3)
    assert page == MealPage(tuple(expected[2:5]), 7, has_more=True)


@pytest.mark.parametrize(("skip", "has_more"), [(3, True), (4, False), (6, False)])
async def test_has_more_says_whether_anything_follows(meals, build, user, skip, has_more):
    await stored(meals, user, *(build.meal(user, minutes=m) for m in range(7)))
    page = await meals.page(user, EVERYTHING, skip=skip, limit=3)
    assert page.has_more is has_more
    assert page.total == 7


async def test_a_page_past_the_end_is_empty_and_still_knows_the_total(meals, build, user):
    await stored(meals, user, *(build.meal(user, minutes=m) for m in range(3)))
    assert await meals.page(user, EVERYTHING, skip=40, limit=20) == MealPage((), 3, has_more=False)


async def test_a_page_that_starts_at_the_end_is_empty(meals, build, user):
    await stored(meals, user, *(build.meal(user, minutes=m) for m in range(3)))
    assert await meals.page(user, EVERYTHING, skip=3, limit=3) == MealPage((), 3, has_more=False)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_keyset_pages_equal_numbered_pages_also_across_ties(meals, build, user, limit):
    many = [build.meal(user, minutes=minute) for minute in (0, 0, 0, 1, 1, 2, 3, 3, 3, 3)]
    await stored(meals, user, *many)
    by_keyset = await keyset_pages(meals, user, EVERYTHING, limit)
    numbered = [
        await meals.page(user, EVERYTHING, skip=skip, limit=limit) for skip in range(0, 10, limit)
    ]
    assert by_keyset == numbered


@pytest.mark.parametrize(
    "where",
    [
        MealFilter(meal_type=MealType.LUNCH),
        MealFilter(first_date=date(2125, 11, 26), last_date=date(2125, 11, 29)),
        MealFilter(MealType.DINNER, last_date=date(2125, 11, 28)),
        MealFilter(first_instant=datetime.fromisoformat("2125-11-26T09:30:00Z")),
    ],
)
async def test_keyset_pages_equal_numbered_pages_under_every_filter(meals, build, user, where):
    types = list(MealType)
    many = [
        build.meal(user, days=number % 7 - 3, meal_type=types[number % 4]) for number in range(28)
    ]
    await stored(meals, user, *many)
    whole = await meals.page(user, where, skip=0, limit=100)
    pages = await keyset_pages(meals, user, where, 3)
    assert len(pages) > 1
    assert [meal for page in pages for meal in page.meals] == list(whole.meals)
    assert {page.total for page in pages} == {whole.total}


async def test_a_cursor_of_a_deleted_meal_still_marks_its_place(meals, build, user):
    newest_first = await stored(meals, user, *(build.meal(user, minutes=m) for m in range(4)))
    gone = newest_first[1]
    await meals.delete(user, gone.id)
    cursor = MealCursor(gone.logged_at, gone.id)
    page = await meals.page_after(user, EVERYTHING, cursor, limit=10)
    assert list(page.meals) == newest_first[2:]


async def test_a_new_meal_does_not_shift_the_page_after_a_cursor(meals, build, user):
    newest_first = await stored(meals, user, *(build.meal(user, minutes=m) for m in range(4)))
    await meals.insert(user, build.meal(user, days=1))
    cursor = MealCursor(newest_first[0].logged_at, newest_first[0].id)
    page = await meals.page_after(user, EVERYTHING, cursor, limit=2)
    assert page == MealPage(tuple(newest_first[1:3]), 5, has_more=True)


async def test_nothing_follows_the_oldest_meal(meals, build, user):
    *_, oldest = await stored(meals, user, *(build.meal(user, minutes=m) for m in range(2)))
    cursor = MealCursor(oldest.logged_at, oldest.id)
    assert await meals.page_after(user, EVERYTHING, cursor, limit=5) == MealPage((), 2)


async def test_a_meal_type_is_filtered(meals, build, user):
    lunch = build.meal(user, meal_type=MealType.LUNCH)
    await stored(meals, user, lunch, build.meal(user), build.meal(user, meal_type=MealType.SNACK))
    where = MealFilter(meal_type=MealType.LUNCH)
    assert await meals.page(user, where, skip=0, limit=20) == MealPage((lunch,), 1)


async def test_dates_filter_by_the_local_date_and_both_ends_count(meals, build, user):
    many = [build.meal(user, days=d) for d in range(-2, 3)]
    await stored(meals, user, *many)
    where = MealFilter(first_date=build.day - timedelta(1), last_date=build.day + timedelta(1))
    assert await matching(meals, user, where) == set(many[1:4])


async def test_dates_filter_by_the_local_date_where_the_instant_is_of_another_day(
    meals, build, user
):
    # The ends of the earth: UTC+14 and UTC-12, where dates differ most from those of the instants.
    ahead, behind = (
        build.meal(user, logged_at=datetime.fromisoformat(instant), local_date=build.day)
        for instant in ("2125-11-26T10:00:00Z", "2125-11-28T11:59:59.999Z")
    )
    await stored(meals, user, ahead, behind)
    where = MealFilter(first_date=build.day, last_date=build.day)
    assert await matching(meals, user, where) == {ahead, behind}


async def test_one_open_end_of_the_dates_is_unbounded(meals, build, user):
    many = [build.meal(user, days=d) for d in range(-2, 3)]
    await stored(meals, user, *many)
    assert await matching(meals, user, MealFilter(first_date=build.day)) == set(many[2:])
    assert await matching(meals, user, MealFilter(last_date=build.day)) == set(many[:3])


async def test_instants_filter_by_logged_at_and_both_ends_count(meals, build, user):
    many = [build.meal(user, minutes=m) for m in range(5)]
    await stored(meals, user, *many)
    where = MealFilter(first_instant=many[1].logged_at, last_instant=many[3].logged_at)
    assert await matching(meals, user, where) == set(many[1:4])


async def test_instants_between_milliseconds_are_compared_exactly(meals, build, user):
    meal = build.meal(user)
    await stored(meals, user, meal)
    after = meal.logged_at + timedelta(microseconds=1)
    assert await matching(meals, user, MealFilter(first_instant=after)) == set()
    assert await matching(meals, user, MealFilter(last_instant=after)) == {meal}


@pytest.mark.parametrize(
    "where",
    [
        MealFilter(first_date=date.min, last_date=date.max),
        MealFilter(
            first_instant=datetime.fromisoformat("0001-01-01T00:00:00+09:00"),
            last_instant=datetime.fromisoformat("9999-12-31T23:59:59.999999-09:00"),
        ),
    ],
)
async def test_the_ends_of_the_calendar_are_ends_like_others(meals, build, user, where):
    meal = build.meal(user)
    await stored(meals, user, meal)
    assert await matching(meals, user, where) == {meal}


async def test_an_end_before_the_start_matches_nothing(meals, build, user):
    await stored(meals, user, build.meal(user))
    where = MealFilter(first_date=build.day, last_date=build.day - timedelta(1))
    assert await meals.page(user, where, skip=0, limit=20) == MealPage((), 0)


async def test_every_part_of_a_filter_counts(meals, build, user):
    meal = build.meal(user)
    await stored(meals, user, meal, build.meal(user, meal_type=MealType.DINNER))
    where = MealFilter(MealType.BREAKFAST, build.day, build.day, meal.logged_at, meal.logged_at)
    assert await matching(meals, user, where) == {meal}
