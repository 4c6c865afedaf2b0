"""A lock that one process holds at a time, and that the system releases when it dies."""

import fcntl
import os
import time
from pathlib import Path

# A probe of `held_by` holds the lock for microseconds; do not take it for a real holder.
ATTEMPTS = 5
PAUSE_S = 0.01


class LockHeldError(Exception):
    """Another process (or another lock in this one) holds it; `pid` is None where unknown."""

    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        super().__init__(f"held by process {pid}")


class FileLock:
    """An exclusive `flock` on a file that holds its holder's process id.

    The file is never removed: a lock on a removed file would exclude nobody.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self) -> None:
        """Take the lock, at once or not at all.

        Raises:
            LockHeldError: somebody else has it.
            OSError: the file can not be opened.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._lock(fd)
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def _lock(self, fd: int) -> None:
        for attempt in range(ATTEMPTS):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if attempt + 1 < ATTEMPTS:
                    time.sleep(PAUSE_S)
        raise LockHeldError(_pid_in(fd))

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def held_by(path: Path) -> int | None:
    """The process id of whoever holds the lock at `path`; None when nobody does."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid_in(fd)
    else:
        return None
    finally:
        os.close(fd)


def _pid_in(fd: int) -> int | None:
    digits = os.pread(fd, 32, 0).strip()
    return int(digits) if digits.isdigit() else None
