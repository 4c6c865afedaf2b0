"""Starts processes on chosen cores, tells what processor time they used, and stops them."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0
POLL_S = 0.05

# Cores; None: wherever the scheduler puts it.
Cores = frozenset[int] | None


@contextmanager
def running(
    command: Sequence[str], cores: Cores, log: Path, *, output: bool = False
) -> Iterator["subprocess.Popen[str]"]:
    """A process, until the block ends; it is terminated by its id.

    Its standard error goes to the file `log`; its output is a pipe where `output` is true.
    """
    with log.open("w") as errors, started_on(cores):
        process = subprocess.Popen(  # noqa: S603 - the benchmark's own commands
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if output else subprocess.DEVNULL,
            stderr=errors,
            text=True,
            cwd=ROOT,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def started_on(cores: Cores) -> Iterator[None]:
    """What is started in this block runs on `cores`: affinity is inherited."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_s(processes: Sequence["subprocess.Popen[str]"]) -> float:
    """Seconds of processor time that these have used so far, with all of their threads."""
    return sum(_ticks(process.pid) for process in processes) / TICKS_PER_S


def _ticks(pid: int) -> int:
    # proc_pid_stat(5): utime and stime are the 12th and 13th field behind the name.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def wait_until_it_answers(url: str, headers: dict[str, str], log: Path) -> bytes:
    """The body of the first answer with status 200.

    Raises:
        SystemExit: there is none in time; with what its server said in `log`.
    """
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - loopback
    last: Exception | None = None
    for _ in range(int(START_TIMEOUT_S / POLL_S)):
        try:
            with urllib.request.urlopen(request, timeout=START_TIMEOUT_S) as answer:  # noqa: S310
                body: bytes = answer.read()
                return body
        except OSError as error:
            last = error
        time.sleep(POLL_S)
    raise SystemExit(f"{url} does not answer: {last}\n{log.read_text()[-4000:]}")
