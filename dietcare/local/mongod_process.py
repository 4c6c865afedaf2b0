"""One mongod as a child process that never outlives its parent."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
STOP_TIMEOUT_S = 10.0


class MongodProcess:
    """A started mongod. Only `start` makes one."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str], log: Path) -> "MongodProcess":
        """Start `command`, its output appended to `log`.

        It gets a session of its own, so that a terminal's Ctrl-C reaches only us and we stop it
        in order, and it is killed by the system should this thread end without having done so:
        whatever it has acknowledged is in its journal.

        Raises:
            OSError: it can not be started.
        """
        with _appending(log) as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def wait(self) -> int:
        """Return its exit status when it has ended."""
        return await self._process.wait()

    async def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """End it: asked for `timeout_s`, then, or when this call is cancelled, killed."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(timeout_s):
                await self._process.wait()
        except TimeoutError:
            self._kill()
            await self._process.wait()
        except asyncio.CancelledError:
            self._kill()
            raise

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()


def _appending(path: Path) -> IO[bytes]:
    """Slow queries are logged with what they look for: the file is its owner's alone."""
    return open(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does between fork and exec; everything it needs is loaded before."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def run() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # the parent died before the line above
            os._exit(1)

    return run
