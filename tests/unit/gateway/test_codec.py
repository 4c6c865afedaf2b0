"""The codec against google.protobuf.json_format, where the two mean the same."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import GatewayConfigError
from gateway.codec import Decoders, Encoders, parse
from gateway.codec.numbers import LARGEST_SINGLE, number, short_number
from gateway.codec.wellknown import parse_bytes, parse_duration, parse_instant
from gateway.failures import GatewayError, Violations

PROTO = """
message M {
  int32 i32 = 1; int64 i64 = 2; uint32 u32 = 3; uint64 u64 = 4; float f = 5; double d = 6;
  bool b = 7; string s = 8; bytes y = 9; E e = 10; repeated double ds = 11; repeated string ss = 12;
  map<string, M> ms = 13; map<int32, string> is = 14; optional int64 oi = 15; M m = 16;
  repeated M rm = 17; google.protobuf.Timestamp t = 18; google.protobuf.Duration u = 19;
  google.protobuf.Struct st = 20; google.protobuf.DoubleValue w = 21; repeated E es = 22;
  google.protobuf.BytesValue wy = 23; optional E oe = 24; google.protobuf.ListValue l = 25;
}
enum E { E_ZERO = 0; E_ONE = 1; }
"""

# No deadline, as machines differ; always the same examples, so that a failure stays one.
steady = settings(max_examples=100, deadline=None, derandomize=True)

text = st.text(st.characters(exclude_categories=("Cs",)))
int32 = st.integers(-(2**31), 2**31 - 1)
int64 = st.integers(-(2**63), 2**63 - 1)
# Adding 0.0 makes -0.0 plain zero: JSON shows them alike.
double = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
single = st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda value: value + 0.0)
free = st.recursive(
    st.none() | st.booleans() | double | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def instants() -> st.SearchStrategy[dict[str, int]]:
    seconds = st.integers(-62135596800, 253402300799)
    return st.fixed_dictionaries({"seconds": seconds, "nanos": st.integers(0, 999_999_999)})


def durations() -> st.SearchStrategy[dict[str, int]]:
    def signed(parts: tuple[int, int, int]) -> dict[str, int]:
        sign, seconds, nanos = parts
        return {"seconds": sign * seconds, "nanos": sign * nanos}

    parts = st.tuples(st.sampled_from((1, -1)), st.integers(0, 315_576_000_000))
    return st.builds(lambda pair, nanos: signed((*pair, nanos)), parts, st.integers(0, 999_999_999))


def fields(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    enum = st.integers(0, 1)
    return st.fixed_dictionaries(
        {},
        optional={
            "i32": int32, "i64": int64, "u32": st.integers(0, 2**32 - 1),
            "u64": st.integers(0, 2**64 - 1), "f": single, "d": double, "b": st.booleans(),
            "s": text, "y": st.binary(), "e": enum, "ds": st.lists(double), "ss": st.lists(text),
            "ms": st.dictionaries(text, inner, max_size=2), "is": st.dictionaries(int32, text),
            "oi": int64, "m": inner, "rm": st.lists(inner, max_size=2), "t": instants(),
            "u": durations(), "w": st.fixed_dictionaries({"value": double}), "es": st.lists(enum),
            "wy": st.fixed_dictionaries({"value": st.binary()}), "oe": enum,
        },
    )  # fmt: skip


messages = fields(fields(st.just({})))


@pytest.fixture(scope="module")
def codec(message_class: Callable[[str], Any]) -> tuple[Any, Any, Any]:
    cls = message_class(PROTO)
    return cls, Encoders().message(cls.DESCRIPTOR), Decoders().message(cls.DESCRIPTOR)


def decoded(codec: tuple[Any, Any, Any], body: bytes) -> Any:
    violations = Violations()
    values = codec[2](parse(body), violations)
    assert violations == []
    return codec[0](**values)


@steady
@given(values=messages)
def test_what_is_written_is_read_the_same(codec: Any, values: dict[str, Any]) -> None:
    message = codec[0](**values)
    assert decoded(codec, orjson.dumps(codec[1](message))) == message


@steady
@given(values=messages)
def test_json_format_reads_what_is_written(codec: Any, values: dict[str, Any]) -> None:
    message = codec[0](**values)
    assert json_format.Parse(orjson.dumps(codec[1](message)), codec[0]()) == message


@steady
@given(value=st.dictionaries(text, free, max_size=3))
def test_free_json_is_read_as_json_format_does(codec: Any, value: dict[str, Any]) -> None:
    body = orjson.dumps({"st": value, "l": [value]})
    message = decoded(codec, body)
    assert message == json_format.Parse(body, codec[0]())
    assert parse(orjson.dumps(codec[1](message)["st"])) == value


names = st.sampled_from(("a", "b", ":", 'a":', " :", "\\", "\n", "가", "")) | text


@steady
@given(
    pairs=st.recursive(
        names, lambda inner: st.lists(st.tuples(names, inner), max_size=4), max_leaves=12
    ),
    colon=st.sampled_from((":", " :", "\t: ", "\r\n:")),
    ascii_only=st.booleans(),
)
def test_duplicate_names_are_refused_wherever_they_are(
    pairs: Any, colon: str, ascii_only: bool
) -> None:
    duplicate = False

    def write(value: Any) -> str:
        nonlocal duplicate
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=ascii_only)
        given = [name for name, _ in value]
        duplicate |= len(set(given)) != len(given)
        return "{" + ", ".join(f"{write(name)}{colon}{write(v)}" for name, v in value) + "}"

    body = write(pairs).encode()
    if not duplicate:
        assert parse(body) == json.loads(body)
        return
    with pytest.raises(GatewayError) as caught:
        parse(body)
    assert {each.key for each in caught.value.violations} == {"json_duplicate"}


def test_a_long_number_does_not_stop_the_search_for_duplicates() -> None:
    with pytest.raises(GatewayError) as caught:
        parse(b'{"a": 1, "a": ' + b"1" * 5000 + b"}")
    assert caught.value.violations[0].key in ("json_duplicate", "json_syntax")


@steady
@given(double)
def test_a_double_is_written_without_a_fraction_that_is_none(value: float) -> None:
    written = orjson.dumps(number(value))
    assert float(written) == value
    assert not written.endswith(b".0")


@steady
@given(single)
def test_a_float_is_written_with_few_digits(value: float) -> None:
    written = number(short_number(value))
    assert math.isclose(written, value, rel_tol=1e-7, abs_tol=1e-45)
    # The largest of all is written in full, as other readers refuse what rounds to it.
    assert len(orjson.dumps(written)) <= 17 or abs(value) == LARGEST_SINGLE


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_has_no_json(value: float) -> None:
    for write in (number, short_number):
        with pytest.raises(ValueError, match="finite"):
            write(value)


@pytest.mark.parametrize(
    "instant",
    [
        "2025-11-27T09:30:00", "2025-11-27", "2025-11-27 09:30:00Z", "2025-11-27T09:30:00z",
        "2025-11-27T24:00:00Z", "2025-11-27T09:30:60Z", "2025-02-30T00:00:00Z",
        "2025-11-27T09:30:00+9:00", "2025-11-27T09:30:00+24:00", "2025-11-27T09:30:00.Z",
        "2025-11-27T09:30:00.1234567890Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "２０25-11-27T09:30:00Z", "2025-11-27T09:30:00Z ", "",
    ],
)  # fmt: skip
def test_what_is_no_instant_is_refused(instant: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is never shown
        parse_instant(instant)


@pytest.mark.parametrize(
    "text", ["3", "s", "+1s", "01s", "1.s", ".5s", "1.0000000001s", "1e3s", "315576000001s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is never shown
        parse_duration(text)


@pytest.mark.parametrize("text", ["aGk=", "aGk"])
def test_base64_with_and_without_padding(text: str) -> None:
    assert parse_bytes(text) == b"hi"


@pytest.mark.parametrize(
    "text", ["a", "aGk==", "a=Gk", "aG k", "aGk=\n", "한", "=", "-+8=", "====", "aGk====="]
)
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is never shown
        parse_bytes(text)


def test_any_is_refused_when_the_codec_is_compiled(message_class: Any) -> None:
    cls = message_class("message M { google.protobuf.Any any = 1; }")
    with pytest.raises(GatewayConfigError, match="Any"):
        Encoders().message(cls.DESCRIPTOR)
    with pytest.raises(GatewayConfigError, match="Any"):
        Decoders().message(cls.DESCRIPTOR)


def test_an_enum_value_without_a_json_name_is_neither_printed_nor_read(message_class: Any) -> None:
    cls = message_class("""
        message M { E e = 1; repeated E es = 2; map<string, E> m = 3; optional E o = 4; }
        enum E { E_ZERO = 0; E_ONE = 1 [(gateway.v1.value) = {json_name: "one"}]; E_TWO = 2; }
    """)
    message = cls(e=2, es=[1, 2, 1, 99], m={"a": 2, "b": 1}, o=0)
    assert Encoders().message(cls.DESCRIPTOR)(message) == {"es": ["one", "one"], "m": {"b": "one"}}
    violations = Violations()
    Decoders().message(cls.DESCRIPTOR)({"e": "E_TWO", "o": "", "es": [2]}, violations)
    assert [(each.field, each.params["allowed"]) for each in violations] == [
        ("e", "one"), ("o", "one"), ("es[0]", "one")]  # fmt: skip
