"""The gateway's codec against protobuf's own: a page of 20 meals as JSON, and back.

The two take turns, and only the processor's time counts. Their texts differ where the contract
wants it: the codec writes an enum's own strings, and whole numbers without `.0`. It is the same
page every time, as a client reads it again: the codec remembers the texts of recent instants.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson
from google.protobuf import json_format
from rich.table import Table

from benchmarks.cost import meals_of
from benchmarks.report import Ratio, console, ratio, write
from dietcare.api.converters.meals import to_meal
from dietcare.clock import new_id
from dietcare.domain.ids import UserId
from dietcare.messages import Language
from dietcare.v1.meal_pb2 import ListMealsResponse, Pagination
from gateway.codec import Decoders, Encoders, parse
from gateway.failures import Violations

MEALS = 20
TARGET = 4.0
"""How many times as fast as MessageToDict with orjson the encoder shall be."""

Work = Callable[[], Any]


def page() -> ListMealsResponse:
    """A page as DietCare answers it: 20 meals of three dishes each."""
    user_id = UserId(new_id())
    meals = meals_of(user_id, MEALS, datetime.now(UTC))[:MEALS]
    return ListMealsResponse(
        meals=[to_meal(meal, Language.KO) for meal in meals],
        pagination=Pagination(page=1, page_size=MEALS, total=MEALS, total_pages=1),
    )


def encoders(message: ListMealsResponse) -> tuple[Work, Work]:
    """Ours and protobuf's, both from the message to bytes."""
    encode = Encoders().message(_descriptor(message))

    def theirs() -> bytes:
        fields = json_format.MessageToDict(
            message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
        return orjson.dumps(fields)

    return lambda: orjson.dumps(encode(message)), theirs


def decoders(message: ListMealsResponse) -> tuple[Work, Work]:
    """Ours and protobuf's, each from its own text of the message to a message again."""
    our_encoder, their_encoder = encoders(message)
    our_text, their_text = our_encoder(), their_encoder()
    decode = Decoders().message(_descriptor(message))

    def ours() -> ListMealsResponse:
        violations = Violations()
        fields = decode(parse(our_text), violations)
        violations.refuse()
        return ListMealsResponse(**fields)

    return ours, lambda: json_format.Parse(their_text, ListMealsResponse())


def _descriptor(message: Any) -> Any:
    """Its type says too much: that it may be another implementation's."""
    return message.DESCRIPTOR


def measured(ours: Work, theirs: Work, rounds: int, calls: int) -> tuple[list[float], list[float]]:
    """Microseconds of processor time of a call, for each of the rounds."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, series in zip((ours, theirs), times, strict=True):
            started = time.process_time()
            for _ in range(calls):
                work()
            series.append((time.process_time() - started) / calls * 1e6)
    return times


def compare(rounds: int, calls: int) -> dict[str, tuple[list[float], list[float], Ratio]]:
    """By name: our times, theirs, and how many times as fast ours is."""
    message, found = page(), {}
    for name, (ours, theirs) in {
        "encode, against MessageToDict and orjson": encoders(message),
        "decode, against json_format.Parse": decoders(message),
    }.items():
        measured(ours, theirs, 1, calls)
        mine, other = measured(ours, theirs, rounds, calls)
        found[name] = (mine, other, ratio(other, mine))
    return found


def main() -> None:
    """Print the table and write build/bench/codec.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codec", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=40, help="of each in a round")
    options = parser.parse_args()
    size = len(encoders(page())[0]())
    shown = Table(title=f"{MEALS} meals, {size:,} bytes of JSON", title_justify="left")
    for name in ("", "gateway µs", "protobuf µs", "times as fast", "target"):
        shown.add_column(name, justify="left" if not name else "right")
    found = compare(options.rounds, options.calls)
    for name, (ours, theirs, times) in found.items():
        medians = (f"{statistics.median(each):,.0f}" for each in (ours, theirs))
        target = f"{TARGET:g}" if name.startswith("encode") else ""
        shown.add_row(name, *medians, str(times), target)
    out = console()
    out.print(shown)
    kept = {
        name: {"gateway_us": ours, "protobuf_us": theirs, "times_as_fast": asdict(times)}
        for name, (ours, theirs, times) in found.items()
    }
    out.print(f"medians (ratios with min..max) of {options.rounds} rounds: {write('codec', kept)}")


if __name__ == "__main__":
    main()
