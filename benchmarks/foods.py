"""What a lookup in the composition table costs with 20,000 foods loaded: at most 1 ms each.

`python -m benchmarks.foods` makes the table of the built-in rows and of names that combine two of
theirs, as long and as alike as those of national tables, and prints the median time of the slowest
name of each kind. Each name is looked up many times: what else the machine does is not measured.
"""

import itertools
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dietcare.domain.composition import FoodRow
from dietcare.foods.builtin import builtin_rows
from dietcare.foods.index import FoodIndex

ROWS = 20_000
NAMES = 60
REPEATS = 15
LIMIT_MS = 1.0
PAGE_SIZE = 20


def table() -> list[FoodRow]:
    """The built-in rows and enough others."""
    rows = list(builtin_rows())
    pairs = itertools.product(rows[::3], rows[::5])
    combined = (
        replace(dish, code=f"B{number:05}", name=f"{kind.name} {dish.name}", aliases=(), name_en="")
        for number, (kind, dish) in enumerate(pairs)
        if kind is not dish
    )
    return rows + list(itertools.islice(combined, ROWS - len(rows)))


def written(rows: Sequence[FoodRow]) -> Mapping[str, Sequence[str]]:
    """Names to look up, by their kind."""
    names = [row.name for row in rows[:: len(rows) // NAMES]]
    return {
        "as in the table": names,
        "one letter wrong": [name[:-2] + "갸" + name[-1] for name in names if len(name) > 3],
        "with a modifier": [f"할머니표 {name}" for name in names],
        "with brackets": [f"{name} (국산, 1인분)" for name in names],
        "in English": [row.name_en for row in rows[: len(names)] if row.name_en],
        "in no table": [name[::-1] for name in names],
        "a part": [name[:2] for name in names] + ["김치", "밥", "구이", "soup"],
        "as long as allowed": ["김치 찌개 " * 16, "가" * 200, "(" * 100, "\ufdfa" * 200],
    }


def slowest(call: Callable[[str], object], names: Sequence[str]) -> float:
    """The median time in ms of the name that takes longest."""
    return max(statistics.median(_times_ms(call, name)) for name in names)


def _times_ms(call: Callable[[str], object], name: str) -> list[float]:
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        call(name)
        times.append((time.perf_counter() - started) * 1e3)
    return times


def main() -> bool:
    """Print the table; whether every lookup is within its limit."""
    rows = table()
    started = time.perf_counter()
    index = FoodIndex(rows)
    print(f"{len(rows):,} foods, indexed in {time.perf_counter() - started:.1f} s")
    print(f"{'slowest name, ms':<22}{'match':>8}{'search':>8}")
    good = True
    for kind, names in written(rows).items():
        match = slowest(index.match, names)
        search = slowest(lambda name: index.search(name, PAGE_SIZE), names)
        good = good and max(match, search) <= LIMIT_MS
        mark = "" if max(match, search) <= LIMIT_MS else f"  above {LIMIT_MS:g}"
        print(f"{kind:<22}{match:>8.3f}{search:>8.3f}{mark}")
    return good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
