"""One service owns a data directory, and nothing that a killed one leaves behind is in the way."""

import json
import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dietcare.local.datadir import DataDirectory, DataDirectoryError
from dietcare.local.filelock import FileLock, held_by

HOLDER = """
import sys
from pathlib import Path
from dietcare.local.datadir import DataDirectory
directory = DataDirectory(Path(sys.argv[1]))
with directory.lock(), directory.publish({"mongodb": "mongodb://127.0.0.1:1"}):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(python: Any, tmp_path: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock and has published where it listens."""
    process: subprocess.Popen[str] = python(HOLDER, tmp_path)
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_created_for_its_owner_alone(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "a" / "b")
    directory.secret()
    with directory.lock(), directory.publish({}):
        assert mode(directory.path) == 0o700
        assert {mode(path) for path in directory.path.iterdir()} == {0o600}


def test_a_second_service_reads_one_line(tmp_path: Path, other: Any) -> None:
    with pytest.raises(DataDirectoryError) as error, DataDirectory(tmp_path).lock():
        pass
    expected = f"{tmp_path} is in use by process {other.pid}: stop it or set DIETCARE_DATA_DIR"
    assert str(error.value) == expected


def test_a_killed_service_leaves_nothing_that_blocks_or_misleads(
    tmp_path: Path, other: Any
) -> None:
    directory = DataDirectory(tmp_path)
    assert directory.running() == {"mongodb": "mongodb://127.0.0.1:1"}
    other.kill()
    other.wait()
    assert (tmp_path / "runtime.json").exists()
    assert directory.running() is None
    with directory.lock():
        assert directory.running() is None


def test_a_service_that_ends_takes_its_addresses_with_it(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    assert directory.running() is None
    with directory.lock():
        with directory.publish({"mongodb": "mongodb://x"}):
            assert directory.running() == {"mongodb": "mongodb://x"}
        assert directory.running() is None
    assert not (tmp_path / "runtime.json").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pid": 1}'])
def test_a_broken_runtime_file_counts_for_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "runtime.json").write_text(content)
    assert DataDirectory(tmp_path).running() is None


def test_addresses_of_another_shape_count_for_nothing(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    record = json.dumps({"pid": os.getpid(), "addresses": ["x"]})
    with directory.lock():
        (tmp_path / "runtime.json").write_text(record)
        assert directory.running() is None


def test_asking_who_holds_the_lock_never_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert held_by(path) is None
    path.touch()
    assert held_by(path) is None
    lock = FileLock(path)
    lock.acquire()
    assert held_by(path) == os.getpid()
    lock.release()
    lock.release()
    assert held_by(path) is None


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    first = DataDirectory(tmp_path).secret()
    assert len(bytes.fromhex(first)) == 32
    assert DataDirectory(tmp_path).secret() == first
    assert DataDirectory(tmp_path / "other").secret() != first


def test_all_who_ask_for_the_first_secret_at_once_get_the_same(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: directory.secret(), range(64)))
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["jwt_secret"]


def test_a_secret_can_be_made_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    secret = DataDirectory(tmp_path).secret()
    assert DataDirectory(tmp_path).secret() == secret
    assert [path.name for path in tmp_path.iterdir()] == ["jwt_secret"]


def test_an_empty_secret_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "jwt_secret").touch()
    with pytest.raises(DataDirectoryError, match="remove it"):
        DataDirectory(tmp_path).secret()


def test_a_directory_that_can_not_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataDirectoryError, match=r"can not be used: (Not a directory|File exists)"):
        DataDirectory(tmp_path / "file")


def test_a_directory_that_can_not_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *args: False)  # root may write anywhere
    with pytest.raises(DataDirectoryError, match="can not be used: Permission denied"):
        DataDirectory(tmp_path)
