"""The directory that one running service owns: its lock, its secret, where its parts listen."""

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from dietcare.local.filelock import FileLock, LockHeldError, held_by

LOCK_FILE = "lock"
SECRET_FILE = "jwt_secret"  # noqa: S105 # nosec B105 - a file's name
RUNTIME_FILE = "runtime.json"
SECRET_BYTES = 32


class DataDirectoryError(Exception):
    """The directory can not be used; the text is one line for the operator."""


class DataDirectory:
    """A directory of its owner alone (mode 0700), created when it is missing.

    Raises:
        DataDirectoryError: it can not be created or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        with _readable_errors(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(self.path, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied")

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Own the directory until the block, or the process, ends.

        Raises:
            DataDirectoryError: another process owns it.
        """
        lock = FileLock(self.path / LOCK_FILE)
        try:
            with _readable_errors(self.path):
                lock.acquire()
        except LockHeldError as held:
            raise DataDirectoryError(
                f"{self.path} is in use by process {held.pid or 'unknown'}: "
                "stop it or set DIETCARE_DATA_DIR"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def secret(self) -> str:
        """The secret that tokens are signed with, 64 hexadecimal digits; made at the first call.

        Processes that call it at the same time get the same one.

        Raises:
            DataDirectoryError: it can not be read or written.
        """
        path = self.path / SECRET_FILE
        with _readable_errors(self.path):
            if not path.exists():
                _create_once(path, secrets.token_hex(SECRET_BYTES))
            secret = path.read_text("ascii").strip()
        if len(secret) < SECRET_BYTES:
            raise DataDirectoryError(f"{path} holds no secret: remove it to have a new one made")
        return secret

    @contextlib.contextmanager
    def publish(self, addresses: Mapping[str, str]) -> Iterator[None]:
        """Let other commands find this service until the block ends; call it under `lock`.

        Raises:
            DataDirectoryError: the file can not be written.
        """
        path = self.path / RUNTIME_FILE
        record = json.dumps({"pid": os.getpid(), "addresses": dict(addresses)})
        with _readable_errors(self.path):
            _replace(path, record)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def running(self) -> dict[str, str] | None:
        """What the service that runs on this directory has published; None when none runs.

        A file that a killed service left behind counts for nothing: its lock is gone.
        """
        try:
            record = json.loads((self.path / RUNTIME_FILE).read_text("utf-8"))
            pid, addresses = record["pid"], record["addresses"]
        except (OSError, ValueError, TypeError, KeyError):
            return None
        if pid != held_by(self.path / LOCK_FILE) or not isinstance(addresses, dict):
            return None
        return {str(name): str(address) for name, address in addresses.items()}


def _create_once(path: Path, content: str) -> None:
    """Create `path` with its content, whole or not at all; who comes second changes nothing."""
    temporary = _written(path, content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        temporary.replace(path)
    temporary.unlink(missing_ok=True)


def _replace(path: Path, content: str) -> None:
    _written(path, content).replace(path)


def _written(path: Path, content: str) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    return temporary


@contextlib.contextmanager
def _readable_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataDirectoryError(f"{path} can not be used: {reason}") from error
