"""A mongod that a killed service left behind."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

TERMINATE_S = 10.0
KILL_S = 5.0
POLL_S = 0.02


async def stop_orphan(db_path: Path) -> int | None:
    """Stop the mongod that still runs on `db_path` and return its process id, None without one.

    Call it only while holding the lock on the directory: then whatever runs there is ours and
    without a master. A process id that now belongs to anything else is left alone.
    """
    pid = _locked_by(db_path)
    if pid is None or not _is_mongod_on(pid, db_path):
        return None
    for signal_number, patience_s in ((signal.SIGTERM, TERMINATE_S), (signal.SIGKILL, KILL_S)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)
        if await _ended(pid, db_path, patience_s):
            break
    return pid


async def _ended(pid: int, db_path: Path, patience_s: float) -> bool:
    try:
        async with asyncio.timeout(patience_s):
            while _is_mongod_on(pid, db_path):  # noqa: ASYNC110 - not our child: nothing to await
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        return False
    return True


def _locked_by(db_path: Path) -> int | None:
    """The process id in mongod's own lock file, which is empty after a clean end."""
    try:
        digits = (db_path / "mongod.lock").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(digits) if digits.isdigit() else None


def _is_mongod_on(pid: int, db_path: Path) -> bool:
    """Whether the process is alive, is a mongod, and was started on this very directory."""
    process = Path("/proc") / str(pid)
    try:
        arguments = [os.fsdecode(a) for a in (process / "cmdline").read_bytes().split(b"\0")]
        directory = Path(os.readlink(process / "cwd"))
    except OSError:
        return False
    if not Path(arguments[0]).name.startswith("mongod") or "--dbpath" not in arguments:
        return False  # a zombie has no arguments: it is dead, and only waits to be reaped
    given = arguments[arguments.index("--dbpath") + 1]
    return (directory / given).resolve() == db_path.resolve()
