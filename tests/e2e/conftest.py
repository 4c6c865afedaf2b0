"""The whole service: a real mongod, the simulator over HTTP, gRPC and REST on real sockets.

One service serves all tests of a session (of each xdist worker). They share nothing in it: each
test is about users of its own.
"""

import importlib.util
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import httpx2
import pytest
import pytest_asyncio
import structlog
import uvloop
from pymongo import AsyncMongoClient

from dietcare.app import Overrides, build_app
from dietcare.erasure.registry import registered
from dietcare.local.environment import local_environment
from dietcare.serving import serve
from dietcare.settings import Settings
from dietcare.v1 import service_pb2_grpc

HERE = Path(__file__).parent


def _load(name: str) -> ModuleType:
    """Import a file beside this one: tests are no package."""
    spec = importlib.util.spec_from_file_location(f"e2e_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


support = _load("support")
processes = _load("processes")


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], Any]]:
    """The loop that the service has in production."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def quick_dir() -> Iterator[Path]:
    """A folder for data directories, in memory where there is such a file system."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="dietcare-e2e-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def plain_logs() -> Iterator[None]:
    """One line each, for failed tests: structlog's own default renders tracebacks for seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def service(quick_dir: Path, plain_logs: None) -> AsyncIterator[Any]:
    """What `make run` starts, in this process and with a clock that tests can set."""
    clock = support.SettableClock()
    settings = Settings(
        _env_file=None,
        data_dir=quick_dir / "service",
        grpc_address="127.0.0.1:0",
        http_address=f"127.0.0.1:{support.quiet_port()}",
    )
    async with (
        local_environment(settings) as resolved,
        build_app(resolved, Overrides(clock=clock)) as app,
        serve(app) as addresses,
    ):
        await _keep_what_expires(resolved)
        yield support.Service(app, addresses, clock)
        assert await _unregistered(resolved) == []


async def _keep_what_expires(settings: Settings) -> None:
    """Tests set the clock to the past: records made then must not expire by the real one."""
    assert settings.mongodb_uri is not None
    async with AsyncMongoClient(settings.mongodb_uri.get_secret_value()) as client:
        await client.admin.command({"setParameter": 1, "ttlMonitorEnabled": False})


async def _unregistered(settings: Settings) -> list[str]:
    """The collections that these tests have filled, and that nobody would erase."""
    assert settings.mongodb_uri is not None
    async with AsyncMongoClient(settings.mongodb_uri.get_secret_value()) as client:
        names = await client[settings.mongodb_database].list_collection_names()
    return [name for name in names if registered(name) is None]


@pytest.fixture
def at(service: Any) -> Iterator[Callable[[str], None]]:
    """Sets the service's clock to an instant, until the test ends."""

    def set_to(instant: str) -> None:
        service.clock.at = datetime.fromisoformat(instant)

    yield set_to
    service.clock.at = None


# pytest-grpc's fixtures, over this service's own gRPC server and grpc.aio.


@pytest.fixture(scope="session")
def grpc_addr(service: Any) -> str:
    return str(service.addresses.grpc)


@pytest.fixture(scope="session")
def grpc_servicer(service: Any) -> Any:
    return service.app.servicer


@pytest.fixture(scope="session")
def grpc_add_to_server() -> Callable[..., None]:
    return service_pb2_grpc.add_DietCareServiceServicer_to_server


@pytest.fixture(scope="session")
def grpc_server(service: Any) -> Any:
    """It listens already, with the servicer added and every interceptor in place."""
    return service


@pytest.fixture(scope="session")
def grpc_create_channel(grpc_addr: str, grpc_server: Any) -> Callable[..., grpc.aio.Channel]:
    def create(credentials: Any = None, options: Any = None) -> grpc.aio.Channel:
        if credentials is not None:
            return grpc.aio.secure_channel(grpc_addr, credentials, options)
        return grpc.aio.insecure_channel(grpc_addr, options)

    return create


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def grpc_channel(
    grpc_create_channel: Callable[..., grpc.aio.Channel],
) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc_create_channel() as channel:
        yield channel


@pytest.fixture(scope="session")
def grpc_stub_cls() -> type:
    return service_pb2_grpc.DietCareServiceStub


@pytest.fixture(scope="session")
def grpc_stub(grpc_stub_cls: type, grpc_channel: grpc.aio.Channel) -> Any:
    return grpc_stub_cls(grpc_channel)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http(service: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """Speaks REST with the service, without a token."""
    base_url = f"http://{service.addresses.http}"
    async with httpx2.AsyncClient(base_url=base_url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def new_patient(service: Any, http: httpx2.AsyncClient, grpc_stub: Any) -> Callable[..., Any]:
    """Makes users that nobody else knows, with a token each."""

    def make(**claims: Any) -> Any:
        return support.Patient(service, http, grpc_stub, **claims)

    return make


@pytest.fixture
def patient(new_patient: Callable[..., Any]) -> Any:
    """A user that nobody else knows."""
    return new_patient()


@pytest.fixture(scope="session")
def photo() -> Callable[[str], bytes]:
    """A JPEG of one of the samples that was never analysed before."""
    return support.photo


@pytest.fixture(scope="session")
def assert_holds() -> Callable[[Any, Any], None]:
    """Asserts that a JSON value has everything that another has; objects may have more."""
    return support.assert_holds


@pytest.fixture(scope="session")
def json_of() -> Callable[[bytes], Any]:
    """Reads an answer's body, and asserts that it is written as the contract says."""
    return support.json_of


@pytest_asyncio.fixture(loop_scope="module")
async def programs(quick_dir: Path) -> AsyncIterator[Any]:
    """Starts programs in folders of their own; nothing of them is left when the test ends."""
    async with processes.Programs(quick_dir) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(quick_dir: Path) -> AsyncIterator[Any]:
    """`python server.py`, up and running, for tests that leave it so."""
    async with processes.Programs(quick_dir) as started:
        yield await started.serve(started.folder())


@pytest.fixture
def valve_of() -> type[Any]:
    """A door before another server, given its host and port."""
    valve: type[Any] = processes.Valve
    return valve


@pytest.fixture
def quiet_port() -> Callable[[], int]:
    """Finds a free port that the system gives to nobody else."""
    return support.quiet_port
