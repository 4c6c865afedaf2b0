"""REST in process against the same gateway over loopback, and against Envoy.

All ways lead to one service process. Each takes its turn in every round, so that whatever else the
machine does strikes all alike. First everything that serves shares one core and the load generator
has another: then requests per second compare what a request costs in all. Then nothing is pinned.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks.arms import BARE, CASES, ENVOY, IN_PROCESS, LOOPBACK, WHOLE, Arm, Case, arms
from benchmarks.load import MISSING, Load, is_available, load
from benchmarks.processes import Cores, cpu_s
from benchmarks.report import console, ratio, write

TARGETS = {BARE.name: {LOOPBACK: 4.0, ENVOY: 1.0}, WHOLE.name: {ENVOY: 1.0}}
"""How many times their requests per second REST in process shall answer on one core. What the
interceptors cost is the same on every way, so that the whole service has no target over loopback.
"""
WARM_UP_S = 1.0
BUSY = 0.7
"""Load average from which on others take a part of the cores that can not be neglected."""


class Series:
    """What the rounds of one arm gave."""

    def __init__(self) -> None:
        self.requests_per_s: list[float] = []
        self.cpu_us_per_request: list[float] = []

    def add(self, done: Load, cpu: float) -> None:
        self.requests_per_s.append(done.requests_per_s)
        self.cpu_us_per_request.append(cpu * 1e6 / done.requests)


def measure(
    case: Case, serving: Cores, loading: Cores, rounds: int, seconds: float
) -> dict[str, Series]:
    """Every arm of a case in turns, by name."""
    with (
        tempfile.TemporaryDirectory(prefix="dietcare-bench-") as folder,
        arms(case, serving, Path(folder)) as found,
    ):
        series = {arm.name: Series() for arm in found}
        for arm in found:
            load(arm.target, min(WARM_UP_S, seconds), loading)
        for _ in range(rounds):
            for arm in found:
                _turn(arm, series[arm.name], seconds, loading)
    return series


def _turn(arm: Arm, series: Series, seconds: float, loading: Cores) -> None:
    before = cpu_s(arm.processes)
    done = load(arm.target, seconds, loading)
    series.add(done, cpu_s(arm.processes) - before)


def placements() -> dict[str, tuple[Cores, Cores]]:
    """By name: the cores of everything that serves, and of the load generator."""
    unpinned: dict[str, tuple[Cores, Cores]] = {"nothing pinned": (None, None)}
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return unpinned
    apart = (frozenset(cores[:1]), frozenset(cores[1:2]))
    return {f"all servers on core {cores[0]}, load on core {cores[1]}": apart, **unpinned}


def table(title: str, series: dict[str, Series], targets: Mapping[str, float]) -> Table:
    """One row for each arm; `targets` by the name of the arm."""
    shown = Table(title=title, title_justify="left", title_style="bold")
    for name in ("", "requests/s", "in process ÷ this", "CPU µs", "÷ in process", "target"):
        shown.add_column(name, justify="left" if not name else "right", no_wrap=True)
    ours = series[IN_PROCESS]
    for name, each in series.items():
        times = ratio(ours.requests_per_s, each.requests_per_s)
        row = [
            f"{statistics.median(each.requests_per_s):,.0f}",
            str(times),
            f"{statistics.median(each.cpu_us_per_request):,.0f}",
            str(ratio(each.cpu_us_per_request, ours.cpu_us_per_request)),
            _verdict(targets[name], times.of_medians) if name in targets else "",
        ]
        shown.add_row(name, *row)
    return shown


def _verdict(target: float, measured: float) -> str:
    return f"{target:g} [green]met[/]" if measured >= target else f"{target:g} [red]missed[/]"


def results(series: dict[str, Series]) -> dict[str, Any]:
    """The same for the file."""
    ours = series[IN_PROCESS].requests_per_s
    return {
        name: {**vars(each), "in_process_is_times": asdict(ratio(ours, each.requests_per_s))}
        for name, each in series.items()
    }


def main() -> None:
    """Print the tables and write build/bench/rest.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rest", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn")
    options = parser.parse_args()
    out = console()
    if not is_available():
        out.print(MISSING)
        return
    if os.getloadavg()[0] > BUSY:
        out.print(
            f"load average {os.getloadavg()[0]:.1f}: others' work costs requests, so trust CPU µs"
        )
    kept: dict[str, Any] = {}
    for case in CASES:
        for place, (serving, loading) in placements().items():
            series = measure(case, serving, loading, options.rounds, options.seconds)
            title = f"{case.name}: GET {case.path}, {place}"
            out.print(table(title, series, TARGETS[case.name] if serving else {}))
            kept[title] = results(series)
    out.print(f"medians (ratios with min..max) of {options.rounds} rounds: {write('rest', kept)}")


if __name__ == "__main__":
    main()
