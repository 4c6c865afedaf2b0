"""The pieces of `make bench` do what they say; how fast anything is, is never asserted."""

import asyncio
import sys

import pytest

from benchmarks import breakdown, codec, load, rest
from benchmarks.arms import BARE, GRPC, IN_PROCESS, LOOPBACK
from benchmarks.report import ratio

REPORT = """
finished in 704.15ms, 881.43 req/s, 89.30KB/s
requests: 617 total, 621 started, 617 done, {succeeded} succeeded, {failed} failed, 0 errored
status codes: {succeeded} 2xx, 0 3xx, {failed} 4xx, 0 5xx
"""


def test_both_codecs_give_back_the_page_that_they_wrote() -> None:
    page = codec.page()
    assert len(page.meals) == codec.MEALS
    for read in codec.decoders(page):
        assert read() == page


def test_the_codecs_take_turns() -> None:
    turns: list[str] = []
    ours, theirs = codec.measured(lambda: turns.append("o"), lambda: turns.append("t"), 3, 2)
    assert "".join(turns) == "oottoottoott"
    assert len(ours) == len(theirs) == 3


def test_the_parts_of_a_request_add_up_to_it() -> None:
    times, interceptors = asyncio.run(breakdown.measure(rounds=1, calls=2))
    parts = breakdown.parts(times, interceptors, under_load_us=1000.0)
    assert [*parts][2:-2] == interceptors
    assert sum(parts.values()) == pytest.approx(1000.0)


def test_a_ratio_is_that_of_the_medians_between_the_extremes_of_the_rounds() -> None:
    assert str(ratio([8.0, 9.0, 4.0], [2.0, 3.0, 4.0])) == "2.67 (1.00..4.00)"


def test_the_report_of_the_load_generator() -> None:
    report = REPORT.format(succeeded=617, failed=0)
    assert load.parse(report) == load.Load(requests=617, requests_per_s=881.43)


@pytest.mark.parametrize("report", ["", REPORT.format(succeeded=616, failed=1)])
def test_a_load_that_did_not_succeed_is_no_result(report: str) -> None:
    with pytest.raises(SystemExit):
        load.parse(report)


def test_without_the_load_generator_one_line_names_its_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", ["rest"])
    rest.main()
    (line,) = capsys.readouterr().out.splitlines()
    assert "apt-get install nghttp2-client" in line


@pytest.mark.skipif(not load.is_available(), reason=load.MISSING)
def test_every_way_to_the_service_answers_a_load() -> None:
    serving, loading = next(iter(rest.placements().values()))
    series = rest.measure(BARE, serving, loading, rounds=1, seconds=0.2)
    assert {IN_PROCESS, LOOPBACK, GRPC} <= series.keys()
    for each in series.values():
        assert each.requests_per_s[0] > 0
        assert each.cpu_us_per_request[0] > 0
