"""Names for processes at work, and what can be known of one that bears such a name."""

import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

UNKNOWN = "unknown"


class Owners(ABC):
    """Whoever finds work unfinished asks here whether somebody is still at it."""

    @abstractmethod
    def new(self) -> str:
        """A name for one piece of work of this process, never the same twice."""

    @abstractmethod
    def is_mine(self, owner: str) -> bool:
        """Whether `new` of this very object gave that name."""

    @abstractmethod
    def is_gone(self, owner: str) -> bool:
        """Whether it is certain that the process of `owner` has ended; False where unknown."""


class AtWork:
    """What this process is at work on, and whether somebody still is on what bears a name."""

    def __init__(self, owners: Owners) -> None:
        self._owners = owners
        self._names: set[str] = set()

    @contextmanager
    def named(self) -> Iterator[str]:
        """A name under which this process is at work until the block ends."""
        name = self._owners.new()
        with self.on(name):
            yield name

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Be at work under a name until the block ends."""
        self._names.add(name)
        try:
            yield
        finally:
            self._names.discard(name)

    def has_left(self, name: str) -> bool:
        """Whether it is certain that nobody is at work: dead, or of this process and not running.

        False where nothing is known of the process.
        """
        if self._owners.is_mine(name):
            return name not in self._names
        return self._owners.is_gone(name)


class ProcessOwners(Owners):
    """Tells of processes on this machine, in this namespace of process ids; on Linux only.

    A process is the boot of its machine, its namespace, its id there and the time it started: a
    machine or container that starts anew never has the names of the one before.
    """

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        self._here = _here(proc)
        process = f"{self._here}/{os.getpid()}/{self._started(os.getpid())}"
        self._name = f"{process}/{secrets.token_hex(4)}"

    def new(self) -> str:
        return f"{self._name}/{secrets.token_hex(8)}"

    def is_mine(self, owner: str) -> bool:
        return owner.startswith(f"{self._name}/")

    def is_gone(self, owner: str) -> bool:
        here, _, rest = owner.partition("/")
        pid, _, rest = rest.partition("/")
        started, _, _ = rest.partition("/")
        if UNKNOWN in (self._here, started) or here != self._here or not pid.isdecimal():
            return False
        return not _exists(int(pid)) or self._started(int(pid)) not in (started, UNKNOWN)

    def _started(self, pid: int) -> str:
        """Ticks from boot to the start of a process; empty where it has ended since."""
        try:
            stat = (self._proc / str(pid) / "stat").read_text("ascii", "replace")
        except OSError:
            return UNKNOWN
        # The name, in parentheses, may hold anything; proc(5) numbers what follows from 3.
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[22 - 3]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to somebody else
        return True
    return True


def _here(proc: Path) -> str:
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}:{os.stat(proc / 'self/ns/pid').st_ino}"
    except OSError:
        return UNKNOWN
