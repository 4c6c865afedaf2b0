"""From a directory to a mongod that accepts writes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from dietcare.local.mongod_log import LISTENING, PORT_TAKEN, LogTail, failure_reason, rotate
from dietcare.local.mongod_process import MongodProcess
from dietcare.local.ports import free_port, is_free
from dietcare.local.replica_set import ASK_NOBODY, REPLICA_SET, become_primary

LAST_WORDS_S = 2.0
OPTIONS = (
    *("--bind_ip", "127.0.0.1", "--replSet", REPLICA_SET, "--nounixsocket", "--noscripting"),
    *("--quiet", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"),
    # Journal files of 100 MB, two of them in reserve, are what a start spends its time on.
    *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=16MB)"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
)


# A line of mongod's log about a slow operation quotes what it writes: none is that slow.
QUIET = ("--slowms", "60000")


class EmbeddedServerError(Exception):
    """The embedded mongod can not run; the text is one line for the operator."""


class _PortTakenError(EmbeddedServerError):
    """Somebody else took the port in the meantime."""


class Launch:
    """Starts mongod on `data_dir`/mongo; waits at most `timeout_s` for each start."""

    def __init__(
        self, data_dir: Path, binary: Path, options: Sequence[str], timeout_s: float
    ) -> None:
        self._port_file = data_dir / "mongod.port"
        self._log = data_dir / "mongod.log"
        quiet = () if "--slowms" in options else QUIET
        self._command = (
            str(binary),
            "--dbpath",
            str(data_dir / "mongo"),
            *OPTIONS,
            *quiet,
            *options,
        )
        self._timeout_s = timeout_s

    async def run(self) -> tuple[MongodProcess, int]:
        """Start on the port of last time, or on another where somebody else has it now.

        Raises:
            EmbeddedServerError: it did not start; says why.
            OSError: a file can not be written, or the binary not run.
        """
        port = self._last_port()
        if port is None:
            return await self._start(free_port())
        if is_free(port):
            try:
                return await self._start(port)
            except _PortTakenError:
                pass
        port = free_port()
        moving, _ = await self._start(port, asks_nobody=True)
        await moving.stop()
        return await self._start(port)

    async def _start(self, port: int, *, asks_nobody: bool = False) -> tuple[MongodProcess, int]:
        rotate(self._log)
        tail = LogTail(self._log)
        options = ASK_NOBODY if asks_nobody else ()
        command = (*self._command, "--port", str(port), *options)
        process = await MongodProcess.start(command, self._log)
        try:
            await self._ready(process, port, tail, asks_nobody)
            self._port_file.write_text(f"{port}\n", "ascii")
        except BaseException:
            await process.stop()
            raise
        return process, port

    async def _ready(
        self, process: MongodProcess, port: int, tail: LogTail, asks_nobody: bool
    ) -> None:
        ready = asyncio.create_task(_listening_primary(port, tail, asks_nobody))
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait(
                {ready, ended}, timeout=self._timeout_s, return_when="FIRST_COMPLETED"
            )
            if ready.done() and ready.exception() is not None:
                # It hung up on us because it is ending: let it say why.
                await asyncio.wait({ended}, timeout=LAST_WORDS_S)
            if not ready.done() or ready.exception() is not None:
                raise self._error(tail, timed_out=not (ready.done() or ended.done()))
        finally:
            for task in (ready, ended):
                task.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)

    def _error(self, tail: LogTail, *, timed_out: bool) -> EmbeddedServerError:
        late = f"it was not ready after {self._timeout_s:g} s"
        reason = late if timed_out else failure_reason(tail.read())
        kind = _PortTakenError if reason == PORT_TAKEN else EmbeddedServerError
        return kind(f"mongod did not start: {reason} (see {self._log})")

    def _last_port(self) -> int | None:
        try:
            port = int(self._port_file.read_text("ascii"))
        except (OSError, ValueError):
            return None
        return port if 0 < port < 65536 else None


async def _listening_primary(port: int, tail: LogTail, asks_nobody: bool) -> None:
    await tail.wait_for(LISTENING)
    await become_primary(port, asks_nobody=asks_nobody)
