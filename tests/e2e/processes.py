"""Runs the service and its commands as processes, and waits for what they print, never for time."""

import asyncio
import contextlib
import os
import re
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BIN = Path(sys.prefix) / "bin"
PATIENCE_S = 60
READY = "Ctrl-C stops it."


class Lines:
    """What a process has printed on one stream, line by line."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self.lines: list[str] = []
        self._more = asyncio.Condition()
        self._ended = False
        self.task = asyncio.create_task(self._read(stream))

    async def _read(self, stream: asyncio.StreamReader) -> None:
        async for raw in stream:
            async with self._more:
                self.lines.append(raw.decode().rstrip("\n"))
                self._more.notify_all()
        async with self._more:
            self._ended = True
            self._more.notify_all()

    async def wait_for(self, text: str) -> str:
        """The first line that holds `text`; fails when the stream ends without it."""

        def found() -> bool:
            return self._ended or any(text in line for line in self.lines)

        async with asyncio.timeout(PATIENCE_S), self._more:
            await self._more.wait_for(found)
        matching = [line for line in self.lines if text in line]
        assert matching, f"no {text!r} in {self.lines}"
        return matching[0]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class Program:
    """A process in a session of its own, so that its group can be signalled."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self.pid = process.pid
        self.folder = folder
        self.out = Lines(process.stdout)
        self.err = Lines(process.stderr)
        self._process = process

    async def ended(self) -> int:
        """The exit code, once the process is gone and everything it printed is read."""
        async with asyncio.timeout(PATIENCE_S):
            code = await self._process.wait()
            await asyncio.gather(self.out.task, self.err.task)
        return code

    async def stop(self, signal_number: int, *, group: bool = False) -> int:
        """Signal it, or its whole group as a terminal's Ctrl-C does; the exit code."""
        (os.killpg if group else os.kill)(self.pid, signal_number)
        return await self.ended()

    def children(self) -> set[int]:
        """The ids of every process that it, or a child of it, has started."""
        return set(_descendants(self.pid))

    async def kill(self) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self.ended()


@dataclass
class Panel:
    """What the service printed when it was ready."""

    text: str
    grpc: str
    rest: str
    docs: str
    storage: str
    user: str
    token: str
    commands: list[str]

    @classmethod
    def of(cls, text: str) -> "Panel":
        def fact(name: str) -> str:
            match = re.search(rf"^  {name} +(\S+)$", text, re.MULTILINE)
            assert match, f"no {name} in {text}"
            return match[1]

        commands = text.partition("Try it:")[2].partition(READY)[0].splitlines()
        return cls(
            text=text,
            grpc=fact("gRPC"),
            rest=fact("REST"),
            docs=fact("API docs"),
            storage=fact("storage"),
            user=fact("sample user"),
            token=fact("token"),
            commands=[line.strip() for line in commands if line.strip()],
        )


class Service(Program):
    """`python server.py` that is ready."""

    panel: Panel
    started_in_s: float


class Programs:
    """Starts programs, and ends by their ids those that still run when the block ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Program] = []

    async def __aenter__(self) -> "Programs":
        return self

    async def __aexit__(self, *_: object) -> None:
        for program in self._started:
            await program.kill()

    def folder(self) -> Path:
        """A new and empty folder."""
        return Path(tempfile.mkdtemp(dir=self._folder))

    async def start(
        self, *command: str | Path, folder: Path, kind: type[Any] = Program, **variables: str
    ) -> Any:
        """Start a command in a folder, with no setting of this machine, but with `variables`."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env=_environment(variables),
            start_new_session=True,
        )
        program = kind(process, folder)
        self._started.append(program)
        return program

    async def server(
        self, folder: Path, *, changed: tuple[str, ...] = (), **variables: str
    ) -> Service:
        """Start `python server.py`, ready or not; `changed` runs it, after some change."""
        started: Service = await self.start(
            sys.executable, *changed, ROOT / "server.py", folder=folder, kind=Service, **variables
        )
        return started

    async def serve(
        self, folder: Path, *, changed: tuple[str, ...] = (), **variables: str
    ) -> Service:
        """Start `python server.py` and wait until it is ready."""
        began = time.perf_counter()
        service = await self.server(folder, changed=changed, **variables)
        await service.out.wait_for(READY)
        service.started_in_s = time.perf_counter() - began
        service.panel = Panel.of(service.out.text)
        return service

    async def run(self, *command: str | Path, folder: Path, **variables: str) -> tuple[int, Any]:
        """Run a command to its end: its exit code, and the program for what it printed."""
        program = await self.start(*command, folder=folder, **variables)
        return await program.ended(), program

    async def dietcare(self, *arguments: str, folder: Path, **variables: str) -> tuple[int, Any]:
        """Run the `dietcare` command to its end."""
        return await self.run(BIN / "dietcare", *arguments, folder=folder, **variables)


def _environment(variables: dict[str, str]) -> dict[str, str]:
    settings = dict.fromkeys(("DIETCARE_GRPC_ADDRESS", "DIETCARE_HTTP_ADDRESS"), "127.0.0.1:0")
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    # All tests come from one address.
    settings["DIETCARE_LIMIT_IP_PER_MINUTE"] = "0"
    return {**own, "PYTHONUNBUFFERED": "1", **settings, **variables}


def _descendants(pid: int) -> list[int]:
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            found += [child, *_descendants(child)]
    return found


def is_alive(pid: int) -> bool:
    """Whether a process of that id runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


async def gone(pid: int) -> None:
    """Wait until a process that is not our child has ended; the system says when."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


class Valve:
    """A door before another server: who comes is reported, and waits until it opens."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._waiting = asyncio.Semaphore(0)
        self._open = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = ""

    async def __aenter__(self) -> "Valve":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.open()
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def arrived(self, count: int) -> None:
        """Wait until `count` connections stand before the door."""
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(count):
                await self._waiting.acquire()

    def open(self) -> None:
        """Let everybody through."""
        self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._waiting.release()
        await self._open.wait()
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))
        finally:
            writer.close()
            there_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()
