"""Server processes: `python server.py`, as an operator starts several on one database."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dietcare.auth.tokens import issue
from dietcare.domain.ids import UserId
from dietcare.limits.pseudonym import Pseudonyms
from dietcare.repositories.mongo.backend import MongoBackend

ROOT = Path(__file__).parents[2]
SECRET = "a secret for these tests and no others"
FAR_FUTURE = 4_102_444_800  # 2100-01-01
READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20

# server.py, but for its timeouts: of hundreds of calls at once on a machine that is busy with other
# tests too, some would take longer than a call may, and that is not what is tested here. A Redis
# that is late by more than its 0.2 s counts as lost, and then units are counted in two stores.
PATIENT = """
import runpy, sys
from dietcare.api.interceptors import deadline
from dietcare.cache import redis
from dietcare.limits import scripts
from dietcare.repositories.mongo import client
deadline.DEFAULT_S = 60.0
client.SELECTION_TIMEOUT_MS = client.OPERATION_TIMEOUT_MS = 30_000
client.OPERATION_LIMIT_S = 35.0
redis.TIMEOUT_S = 30.0
scripts.TURNS = 1_500
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""


class Server:
    """A process with settings of its own, given as environment variables."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("DIETCARE_", "OPENAI_"))}
        addresses = {f"DIETCARE_{kind}_ADDRESS": "127.0.0.1:0" for kind in ("GRPC", "HTTP")}
        self._process = subprocess.Popen(
            [sys.executable, "-c", PATIENT, str(ROOT / "server.py")],
            cwd=folder,
            env={**clean, **addresses, **settings},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: list[str] = []
        # A pipe that nobody reads would stop the server.
        self._reader = threading.Thread(target=self._read)
        self._listening = threading.Event()
        self._reader.start()
        self.grpc = self.http = ""

    def ready(self) -> None:
        """Return when it listens, and its two addresses are known."""
        assert self._listening.wait(READY_TIMEOUT_S)
        assert self.grpc, "the server ended:\n" + "".join(self._lines)

    def kill(self) -> None:
        """End it as a crash does."""
        self._process.kill()
        self._process.wait()

    def terminate(self) -> None:
        """Ask it to stop."""
        self._process.terminate()

    def wait(self) -> None:
        """Return when it has ended."""
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)
            if '"event": "ready"' in line:
                ready = json.loads(line)
                self.grpc, self.http = ready["grpc"], ready["http"]
                self._listening.set()
        self._listening.set()


Start = Callable[[list[tuple[Path, dict[str, str]]]], list[Server]]


@contextmanager
def servers() -> Iterator[Start]:
    """Starts servers, one for each folder and settings, and stops them all at the end."""
    with ExitStack() as stack:

        def start(wanted: list[tuple[Path, dict[str, str]]]) -> list[Server]:
            started = [Server(folder, settings) for folder, settings in wanted]
            for each in started:
                stack.callback(each.wait)
            for each in started:
                stack.callback(each.terminate)
            for each in started:
                each.ready()
            return started

        yield start


async def shared_database(uri: str, name: str) -> dict[str, str]:
    """Migrates a database; gives the settings of servers that share it."""
    backend = MongoBackend.open(uri, name, driver="pymongo")
    await backend.migrate()
    await backend.aclose()
    return {
        "DIETCARE_ENV": "staging",
        "DIETCARE_MONGODB_URI": uri,
        "DIETCARE_MONGODB_DATABASE": name,
        "DIETCARE_JWT_SECRET": SECRET,
        "DIETCARE_LIMIT_IP_PER_MINUTE": "0",
    }


def pseudonym(user_id: str) -> str:
    """What those servers call a user where they count."""
    return Pseudonyms(SECRET).of(UserId(user_id))


def bearer(user_id: str) -> str:
    """A token of theirs, as a header has it."""
    return f"Bearer {issue(SECRET, 'HS256', user_id, expires_at=FAR_FUTURE)}"
