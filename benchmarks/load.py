"""Load from h2load, the generator of nghttp2."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import Cores, started_on

CONNECTIONS = 32
MISSING = "h2load is missing (Debian: apt-get install nghttp2-client); REST is left out"

_RATE = re.compile(r"^finished in [\d.]+m?s, ([\d.]+) req/s", re.MULTILINE)
_DONE = re.compile(r"^requests: .*?(\d+) done, (\d+) succeeded", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Target:
    """What is loaded. HTTP/2 where `body` is a file with a gRPC message, else HTTP/1.1 and GET."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Path | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What became of it."""

    requests: int
    requests_per_s: float


def is_available() -> bool:
    """Whether h2load is installed."""
    return shutil.which("h2load") is not None


def load(target: Target, seconds: float, cores: Cores = None) -> Load:
    """Load a server over CONNECTIONS connections, each with one request at a time.

    Raises:
        SystemExit: an answer was no success (2xx), or h2load failed.
    """
    with started_on(cores):
        done = subprocess.run(  # noqa: S603 - the benchmark's own command
            _command(target, seconds), capture_output=True, text=True, check=False
        )
    return parse(done.stdout + done.stderr)


def parse(report: str) -> Load:
    """Read what h2load printed.

    Raises:
        SystemExit: it tells of anything but successes, or is no report.
    """
    rate, counts = _RATE.search(report), _DONE.search(report)
    if rate is None or counts is None or counts[1] != counts[2] or counts[1] == "0":
        raise SystemExit(f"h2load did not get what it asked for:\n{report}")
    return Load(int(counts[1]), float(rate[1]))


def _command(target: Target, seconds: float) -> list[str]:
    own = ["h2load", "-t1", f"-c{CONNECTIONS}", "-m1", f"-D{seconds * 1000:.0f}ms"]
    headers = [f"-H{name}: {value}" for name, value in target.headers.items()]
    how = ["--h1"] if target.body is None else [f"-d{target.body}"]
    return [*own, *headers, *how, target.url]
