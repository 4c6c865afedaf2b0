"""Page tokens: one place in one list, whoever looks, and nothing else."""

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from dietcare.api.page_tokens import PageTokens, is_page_token
from dietcare.domain.meal import MealCursor, MealFilter, MealType
from dietcare.errors import ValidationError

AT = datetime(2025, 11, 27, 9, 30, tzinfo=UTC)
USER = "507f1f77bcf86cd799439011"
TOKENS = PageTokens(b"k" * 32)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
ids = st.integers(0, 16**24 - 1).map(lambda number: f"{number:024x}")
cursors = st.builds(MealCursor, instants, ids)
filters = st.builds(
    MealFilter,
    meal_type=st.none() | st.sampled_from(MealType),
    first_date=st.none() | st.dates(),
    last_date=st.none() | st.dates(),
    first_instant=st.none() | st.datetimes(timezones=st.just(UTC)),
    last_instant=st.none() | st.datetimes(timezones=st.just(UTC)),
)


def is_refused(user_id, where, token, tokens=TOKENS):
    try:
        tokens.open(user_id, where, token)
    except ValidationError as error:
        return [each.field for each in error.violations] == ["page_token"]
    return False


@settings(deadline=None)
@given(cursors, filters, ids)
def test_a_token_is_read_back_by_whom_and_for_what_it_was_made(cursor, where, user):
    token = TOKENS.seal(user, where, cursor)
    assert is_page_token(token)
    assert TOKENS.open(user.upper(), where, token) == cursor


@settings(deadline=None)
@given(cursors, filters, st.data())
def test_a_token_altered_in_any_character_is_refused(cursor, where, data):
    token = TOKENS.seal(USER, where, cursor)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(ALPHABET) | st.characters())
    altered = token[:place] + other + token[place + 1 :]
    if altered != token:
        assert not is_page_token(altered) or is_refused(USER, where, altered)


def test_a_token_altered_in_any_one_character_to_any_other_is_refused():
    where = MealFilter()
    token = TOKENS.seal(USER, where, MealCursor(AT, "a" * 24))
    for place, kept in enumerate(token):
        for other in {*ALPHABET, "=", "+", "/", " ", "\n", "é"} - {kept}:
            altered = token[:place] + other + token[place + 1 :]
            assert not is_page_token(altered) or is_refused(USER, where, altered)


@settings(deadline=None)
@given(cursors, st.text(max_size=90) | st.text(ALPHABET, min_size=68, max_size=72))
def test_what_nobody_has_signed_is_refused(cursor, text):
    assert not is_page_token(text) or is_refused(USER, MealFilter(), text)


@settings(deadline=None)
@given(cursors, filters, filters)
def test_a_token_is_of_no_other_list(cursor, where, other):
    token = TOKENS.seal(USER, where, cursor)
    assert is_refused("0" * 24, where, token)
    assert where == other or is_refused(USER, other, token)
    assert is_refused(USER, where, token, PageTokens(b"another key"))


def test_bounds_that_trade_places_are_another_list():
    day, cursor = date(2025, 11, 27), MealCursor(AT, "a" * 24)
    token = TOKENS.seal(USER, MealFilter(first_date=day), cursor)
    assert is_refused(USER, MealFilter(last_date=day), token)
    zoned = AT.astimezone(tz=None)
    token = TOKENS.seal(USER, MealFilter(first_instant=AT), cursor)
    assert TOKENS.open(USER, MealFilter(first_instant=zoned), token) == cursor


def test_a_derived_key_is_another_than_the_secret():
    token = PageTokens.derived_from("s" * 32).seal(USER, MealFilter(), MealCursor(AT, "a" * 24))
    assert is_refused(USER, MealFilter(), token, PageTokens(b"s" * 32))
    assert not is_refused(USER, MealFilter(), token, PageTokens.derived_from("s" * 32))
