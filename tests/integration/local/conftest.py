"""The mongod of this machine, and what is common to tests of it."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

import dietcare
from dietcare.local.mongod import embedded_mongod, find_mongod

ROOT = str(Path(dietcare.__file__).parents[1])


@pytest.fixture
def python() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts a Python program in a process and a session of its own, killed with the test."""
    with contextlib.ExitStack() as stack:

        def start(program: str, *arguments: object) -> "subprocess.Popen[str]":
            process = subprocess.Popen(
                [sys.executable, "-c", program, *map(str, arguments)],
                env={**os.environ, "PYTHONPATH": ROOT},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start


@pytest.fixture(scope="session")
def binary() -> Path:
    found = find_mongod()
    if found is None:
        pytest.skip("no mongod for this platform")
    return found


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, binary: Path) -> Path:
    """A data directory with one document, its mongod stopped."""
    directory = tmp_path_factory.mktemp("filled")

    async def fill() -> None:
        async with embedded_mongod(directory, binary) as uri, AsyncMongoClient(uri) as client:
            await client.diet.meals.insert_one({"_id": "kept"})

    asyncio.run(fill())
    return directory


@pytest.fixture
def data_dir(filled: Path, tmp_path: Path) -> Path:
    """A copy of the directory with one document."""
    return Path(shutil.copytree(filled, tmp_path / "data"))


@pytest.fixture
def ids() -> Callable[[str], Awaitable[set[Any]]]:
    """Reads the ids of the documents in a mongod's test collection."""

    async def read(uri: str) -> set[Any]:
        async with AsyncMongoClient(uri) as client:
            return {document["_id"] async for document in client.diet.meals.find()}

    return read


@pytest.fixture
def ended() -> Callable[[int], Awaitable[None]]:
    """Returns when the process has ended, whoever its parent is."""

    async def wait(pid: int) -> None:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        over = asyncio.Event()
        asyncio.get_running_loop().add_reader(fd, over.set)
        try:
            async with asyncio.timeout(10):
                await over.wait()
        finally:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)

    return wait
