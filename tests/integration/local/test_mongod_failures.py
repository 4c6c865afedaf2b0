"""Whatever keeps mongod from starting is one clear line for the operator."""

import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dietcare.local import mongod
from dietcare.local.mongod import EmbeddedServerError, embedded_mongod, find_mongod
from dietcare.local.mongod_log import MAX_LOG_BYTES, failure_reason, rotate


async def why(data_dir: Path, binary: Path, **options: Any) -> str:
    with pytest.raises(EmbeddedServerError) as error:
        async with embedded_mongod(data_dir, binary, **options):
            pass
    line = str(error.value)
    assert "\n" not in line
    return line.replace(str(data_dir), "DIR")


@pytest.mark.parametrize("name", ["WiredTiger.wt", "WiredTiger.turtle", "storage.bson"])
async def test_damaged_files(name: str, data_dir: Path, binary: Path) -> None:
    (data_dir / "mongo" / name).write_bytes(os.urandom(200))
    expected = "mongod did not start: its data files are damaged (see DIR/mongod.log)"
    assert await why(data_dir, binary) == expected


async def test_a_file_where_the_directory_should_be(tmp_path: Path, binary: Path) -> None:
    (tmp_path / "mongo").touch()
    assert await why(tmp_path, binary) == "mongod did not start: DIR/mongo: File exists"


async def test_an_option_that_it_does_not_know(tmp_path: Path, binary: Path) -> None:
    line = await why(tmp_path, binary, options=["--bogus"])
    assert "unrecognised option '--bogus'" in line


async def test_a_start_that_takes_too_long(data_dir: Path, binary: Path) -> None:
    line = await why(data_dir, binary, start_timeout_s=0.01)
    assert line == "mongod did not start: it was not ready after 0.01 s (see DIR/mongod.log)"


async def test_no_binary(tmp_path: Path) -> None:
    line = await why(tmp_path, tmp_path / "nowhere" / "mongod")
    assert line == "mongod did not start: DIR/nowhere/mongod: No such file or directory"


async def test_a_binary_that_says_nothing(tmp_path: Path) -> None:
    line = await why(tmp_path, Path("/bin/true"))
    assert line == "mongod did not start: it gave no reason (see DIR/mongod.log)"


async def test_a_binary_that_refuses_to_be_configured(tmp_path: Path) -> None:
    """It says that it listens, but hangs up on whoever calls."""
    pretender = tmp_path / "mongod"
    pretender.write_text('#!/bin/sh\necho \'{"s":"F","id":23016,"msg":"no"}\'\nsleep 0.1\n')
    pretender.chmod(0o700)
    assert "mongod did not start: no {}" in await why(tmp_path, pretender)


def entry(severity: str, message: str, **attributes: str) -> str:
    return json.dumps({"s": severity, "msg": message, "attr": attributes})


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([entry("E", "Failed", error="Address already in use")], "its port is taken"),
        ([entry("E", "WiredTiger", error="No space left on device")], "the disk is full"),
        ([entry("E", "x", error="Disk quota exceeded")], "the disk quota is used up"),
        ([entry("F", "x", error="Read-only file system")], "the file system is read-only"),
        ([entry("E", "x", error="Permission denied")], "it may not write its files"),
        ([entry("E", "x", error="DBPathInUse")], "another mongod uses the same files"),
        ([entry("F", "bad featureCompatibilityVersion")], "another version wrote the files"),
        (["x: error while loading shared libraries: y"] * 2, "x: error while loading shared"),
        ([entry("I", "Permission denied"), "[1]", "7"], "it gave no reason"),
        ([], "it gave no reason"),
    ],
)
def test_reasons_are_in_the_operators_words(lines: list[str], reason: str) -> None:
    assert failure_reason("\n".join(lines).encode()).startswith(reason)


def test_the_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    rotate(log)
    log.write_bytes(b"new")
    rotate(log)
    assert log.exists()
    log.write_bytes(bytes(MAX_LOG_BYTES + 1))
    rotate(log)
    assert [path.name for path in tmp_path.iterdir()] == ["mongod.log.1"]


def test_the_wheels_binary_is_made_executable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = tmp_path / "bin" / "mongod"
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(mongod.importlib.util, "find_spec", lambda name: spec)
    monkeypatch.setenv("PATH", "")
    assert find_mongod() is None
    binary.parent.mkdir()
    binary.touch(0o644)
    assert find_mongod() == binary
    assert binary.stat().st_mode & stat.S_IXUSR


def test_without_the_wheel_the_one_on_path_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(mongod.importlib.util, "find_spec", missing)
    (tmp_path / "mongod").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mongod() == tmp_path / "mongod"
