"""The figures of an evaluation as a table and a chart, on the terminal and as a picture."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from dietcare.domain.nutrients import Nutrient
from dietcare.evaluation.measures import AmountError, FoodScore

CHART_WIDTH = 50
SVG_WIDTH = 96


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found; `failures` names photos that were not analysed, and why."""

    title: str
    photos: int
    amounts: Mapping[Nutrient, AmountError]
    foods: FoodScore
    failures: Mapping[str, str]


def show(report: Report, console: Console) -> None:
    """Print it."""
    console.print(_rendered(report))


def save_svg(report: Report, path: Path) -> None:
    """Write it as a picture."""
    console = Console(record=True, width=SVG_WIDTH, file=io.StringIO())
    console.print(_rendered(report))
    console.save_svg(str(path), title=report.title)


def _rendered(report: Report) -> RenderableType:
    score = report.foods
    names = f"Foods by name: F1 {_share(score.f1)}, precision {_share(score.precision)}, "
    lines = [Text(f"{names}recall {_share(score.recall)}, over {report.photos} photos")]
    failures = [Text(f"not analysed: {n}: {why}", "red") for n, why in report.failures.items()]
    return Group(_table(report), Text(), _chart(report), Text(), *lines, *failures)


def _table(report: Report) -> Table:
    table = Table(title=report.title, title_justify="left")
    table.add_column("per photo")
    for column in ("photos", "mean absolute error", "mean error %", "bias"):
        table.add_column(column, justify="right")
    for nutrient, error in report.amounts.items():
        table.add_row(nutrient.value, str(error.photos), *_figures(error))
    return table


def _figures(error: AmountError) -> Sequence[str]:
    bias = "–" if error.bias is None else f"{error.bias:+.1f}"
    return _number(error.mean_absolute), _number(error.mean_percent), bias


def _chart(report: Report) -> Table:
    shares = {nutrient: error.mean_percent for nutrient, error in report.amounts.items()}
    longest = max([100.0, *(share for share in shares.values() if share is not None)])
    title = f"Mean error in % of the truth, 0 to {longest:.0f}"
    chart = Table.grid(padding=(0, 1))
    chart.title, chart.title_justify = title, "left"
    for nutrient, share in shares.items():
        bar = Bar(longest, 0, share or 0.0, width=CHART_WIDTH, color="cyan")
        chart.add_row(nutrient.value, bar, _number(share))
    return chart


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
