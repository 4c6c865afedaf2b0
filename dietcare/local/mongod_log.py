"""mongod's own log: what it says as it starts, and why it failed."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LISTENING = b'"id":23016,'  # "Waiting for connections"
POLL_S = 0.01
MAX_REASON_CHARACTERS = 200
MAX_LOG_BYTES = 10_000_000
PORT_TAKEN = "its port is taken"

# What mongod says, and what the operator should read. The first that matches counts.
KNOWN_REASONS = (
    ("Address already in use", PORT_TAKEN),
    ("No space left on device", "the disk is full"),
    ("Disk quota exceeded", "the disk quota is used up"),
    ("Read-only file system", "the file system is read-only"),
    ("Permission denied|Operation not permitted|read-only directory", "it may not write its files"),
    ("another mongod instance|DBPathInUse", "another mongod uses the same files"),
    ("featureCompatibilityVersion|unsupported WiredTiger", "another version wrote the files"),
    (
        r"WT_TRY_SALVAGE|WT_PANIC|WT_ERROR|WiredTiger|checksum|corrupt|metadata file",
        "its data files are damaged",
    ),
)


class LogTail:
    """Reads what is appended to a log from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start = path.stat().st_size if path.exists() else 0

    def read(self) -> bytes:
        """Everything since this tail was made."""
        with self._path.open("rb") as file:
            file.seek(self._start)
            return file.read()

    async def wait_for(self, marker: bytes) -> None:
        """Return when the log has `marker` in it. Has no end of its own: bound it."""
        while marker not in self.read():  # noqa: ASYNC110 - no event comes from another process
            await asyncio.sleep(POLL_S)


def rotate(path: Path) -> None:
    """Keep one earlier log, and neither above 10 MB for long."""
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))


def failure_reason(log: bytes) -> str:
    """Why mongod ended, in one short line without a full stop."""
    complaints = list(_complaints(log.decode("utf-8", "replace")))
    for pattern, reason in KNOWN_REASONS:
        if any(re.search(pattern, complaint) for complaint in complaints):
            return reason
    return complaints[0][:MAX_REASON_CHARACTERS] if complaints else "it gave no reason"


def _complaints(log: str) -> Iterator[str]:
    """Errors and fatal entries, and lines that are no entries: the loader's and the system's."""
    for line in filter(None, map(str.strip, log.splitlines())):
        try:
            entry: Any = json.loads(line)
        except ValueError:
            yield line
            continue
        if isinstance(entry, dict) and entry.get("s") in {"E", "F"}:
            attributes = json.dumps(entry.get("attr", {}), ensure_ascii=False)
            yield f"{str(entry.get('msg')).strip()} {attributes}"
