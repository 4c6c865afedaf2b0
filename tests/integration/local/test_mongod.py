"""A real mongod: quick to start, keeps its data, belongs to one process and dies with it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient, WriteConcern

from dietcare.local import mongod_launch, orphan
from dietcare.local.mongod import EmbeddedServerError, embedded_mongod
from dietcare.local.mongod_log import LogTail
from dietcare.local.mongod_process import MongodProcess

SLOW_MACHINE_S = 10.0  # the goal is 1.2 s; the assertion only catches what went wrong
MAJORITY = WriteConcern(w="majority", j=True)

DEAF = "trap '' TERM; echo ready; exec sleep 60"
RUN = """
import asyncio, signal, sys
from pathlib import Path
from pymongo import AsyncMongoClient
from dietcare.local.mongod import embedded_mongod

async def main():
    async with embedded_mongod(Path(sys.argv[1]), Path(sys.argv[2])) as uri:
        async with AsyncMongoClient(uri, w="majority", journal=True) as client:
            await client.diet.meals.insert_one({"_id": "first"})
            print((Path(sys.argv[1]) / "mongo" / "mongod.lock").read_text().strip(), flush=True)
            try:
                await asyncio.Event().wait()
            finally:
                await client.diet.meals.insert_one({"_id": "last"})

# A shell without job control starts what it puts in the background with SIGINT ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


@pytest.fixture
def service(python: Any, tmp_path: Path, binary: Path) -> "subprocess.Popen[str]":
    """A process that runs a mongod; the first line that it prints is that mongod's process id."""
    process: subprocess.Popen[str] = python(RUN, tmp_path, binary)
    return process


@pytest.fixture
def orphaned(binary: Path, data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """A mongod that runs on the directory without a service."""
    options = ["--dbpath", "mongo", "--port", "0", "--bind_ip", "127.0.0.1", "--nounixsocket"]
    with subprocess.Popen(
        [str(binary), *options], cwd=data_dir, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert any("Waiting for connections" in line for line in process.stdout)
        yield process
        process.kill()


@pytest.fixture(params=["sleep", "mongod without a directory", "mongod elsewhere"])
def stranger(request: pytest.FixtureRequest) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is no mongod of ours, however much it looks like one."""
    arguments = {
        "sleep": ["sleep", "60"],
        "mongod without a directory": ["mongod", "60"],
        "mongod elsewhere": ["mongod", "-c", "read line", "--dbpath", "/elsewhere"],
    }[request.param]
    executable = "/bin/sh" if "elsewhere" in request.param else "/bin/sleep"
    with subprocess.Popen(arguments, executable=executable, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def pid_of(data_dir: Path) -> int:
    return int((data_dir / "mongo" / "mongod.lock").read_text())


async def test_it_is_the_primary_of_a_replica_set_on_loopback_only(
    tmp_path: Path, binary: Path
) -> None:
    started = time.monotonic()
    async with embedded_mongod(tmp_path, binary) as uri:
        took_s = time.monotonic() - started
        sys.stdout.write(f"\nfirst start: {took_s:.2f} s\n")
        assert took_s < SLOW_MACHINE_S
        async with AsyncMongoClient(uri) as client:
            hello = await client.admin.command("hello")
            options = await client.admin.command("getCmdLineOpts")
            meals = client.diet.get_collection("meals", write_concern=MAJORITY)
            await meals.insert_one({"_id": 1})
            async with await meals.watch() as changes:
                await meals.insert_one({"_id": 2})
                assert (await anext(changes))["documentKey"] == {"_id": 2}
    assert hello["isWritablePrimary"]
    assert hello["hosts"] == [hello["me"]] == [uri.split("/")[2]]
    assert options["parsed"]["net"]["bindIp"] == "127.0.0.1"
    assert options["parsed"]["net"]["unixDomainSocket"] == {"enabled": False}


async def test_data_and_port_survive_a_restart_and_the_second_start_is_quick(
    data_dir: Path, binary: Path, ids: Any
) -> None:
    port = (data_dir / "mongod.port").read_text().strip()
    started = time.monotonic()
    async with embedded_mongod(data_dir, binary) as uri:
        took_s = time.monotonic() - started
        sys.stdout.write(f"\nsecond start: {took_s:.2f} s\n")
        assert took_s < SLOW_MACHINE_S
        assert f":{port}/" in uri
        assert await ids(uri) == {"kept"}
    assert (data_dir / "mongod.log").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("seen", ["before the start", "only by mongod"])
async def test_it_moves_when_somebody_else_has_its_port(
    seen: str, data_dir: Path, binary: Path, ids: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when that somebody accepts connections and never says a word."""
    if seen == "only by mongod":
        monkeypatch.setattr(mongod_launch, "is_free", lambda port: True)
    port = int((data_dir / "mongod.port").read_text())
    with socket.create_server(("127.0.0.1", port)):
        async with embedded_mongod(data_dir, binary) as uri:
            assert f":{port}/" not in uri
            assert await ids(uri) == {"kept"}


@pytest.mark.parametrize("content", ["", "x", "0", "70000"])
async def test_a_lost_port_is_found_anew(
    content: str, data_dir: Path, binary: Path, ids: Any
) -> None:
    (data_dir / "mongod.port").write_text(content)
    async with embedded_mongod(data_dir, binary) as uri:
        assert await ids(uri) == {"kept"}


async def test_it_dies_with_a_killed_parent_and_keeps_what_it_acknowledged(
    service: Any, tmp_path: Path, binary: Path, ids: Any, ended: Any
) -> None:
    pid = int(service.stdout.readline())
    service.kill()
    await ended(pid)
    async with embedded_mongod(tmp_path, binary) as uri:
        assert await ids(uri) == {"first"}


async def test_ctrl_c_reaches_it_only_through_its_parent(
    service: Any, tmp_path: Path, binary: Path, ids: Any
) -> None:
    pid = int(service.stdout.readline())
    os.killpg(service.pid, signal.SIGINT)  # as a terminal does
    assert service.stdout.readline() == "stopped\n"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    async with embedded_mongod(tmp_path, binary) as uri:
        assert await ids(uri) == {"first", "last"}


@pytest.mark.parametrize("deaf", [False, True])
async def test_an_orphan_is_stopped_and_its_data_taken_over(
    *,
    deaf: bool,
    orphaned: Any,
    data_dir: Path,
    binary: Path,
    ids: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if deaf:
        orphaned.send_signal(signal.SIGSTOP)
        monkeypatch.setattr(orphan, "TERMINATE_S", 0.1)
    said: list[str] = []
    async with embedded_mongod(data_dir, binary, log=said.append) as uri:
        assert await ids(uri) == {"kept"}
        assert orphaned.wait() == (-signal.SIGKILL if deaf else 0)
    assert said == [f"stopped mongod {orphaned.pid}, which an earlier run had left behind"]


async def test_a_process_that_only_has_the_orphans_number_is_left_alone(
    stranger: Any, data_dir: Path
) -> None:
    (data_dir / "mongo" / "mongod.lock").write_text(f"{stranger.pid}\n")
    assert await orphan.stop_orphan(data_dir / "mongo") is None
    assert stranger.poll() is None


async def test_a_second_service_on_the_directory_reads_one_line(
    data_dir: Path, binary: Path, ids: Any
) -> None:
    async with embedded_mongod(data_dir, binary) as uri:
        with pytest.raises(EmbeddedServerError) as error:
            async with embedded_mongod(data_dir, binary):
                pass
        assert await ids(uri) == {"kept"}
    expected = f"{data_dir} has its mongod in process {os.getpid()}: "
    assert str(error.value) == f"{expected}stop it or set DIETCARE_DATA_DIR"


async def test_that_it_ended_by_itself_is_said(data_dir: Path, binary: Path) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    async with embedded_mongod(data_dir, binary, log=said.put_nowait):
        os.kill(pid_of(data_dir), signal.SIGKILL)
        async with asyncio.timeout(10):
            assert await said.get() == "the embedded mongod has ended by itself with status -9"


async def test_a_cancelled_start_leaves_no_process(
    data_dir: Path, binary: Path, ended: Any
) -> None:
    async def start() -> None:
        async with embedded_mongod(data_dir, binary):
            pass

    starting = asyncio.create_task(start())
    while not (data_dir / "mongo" / "mongod.lock").read_text():  # noqa: ASYNC110 - its own file
        await asyncio.sleep(0)
    pid = pid_of(data_dir)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await ended(pid)


async def test_a_deaf_process_is_killed(tmp_path: Path) -> None:
    for cancelled in (False, True):
        log = LogTail(tmp_path / "log")
        process = await MongodProcess.start(["sh", "-c", DEAF], tmp_path / "log")
        await log.wait_for(b"ready")
        stopping = asyncio.create_task(process.stop(timeout_s=60 if cancelled else 0.05))
        if cancelled:
            await asyncio.sleep(0)
            stopping.cancel()
        await asyncio.gather(stopping, return_exceptions=True)
        assert stopping.cancelled() is cancelled
        assert await process.wait() == -signal.SIGKILL
        await process.stop()
