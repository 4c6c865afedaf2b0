"""The ways to one service: REST in its process, a gateway or Envoy before it, gRPC itself."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

from benchmarks import envoy
from benchmarks.load import Target
from benchmarks.processes import Cores, running, wait_until_it_answers
from benchmarks.service import token
from dietcare.local.ports import free_port
from dietcare.serving import CONTRACT, SERVICE

IN_PROCESS = "REST in process"
LOOPBACK = "gateway over loopback"
ENVOY = "Envoy over loopback"
GRPC = "gRPC itself"

# A gRPC frame (not compressed, no bytes) with an empty message: both requests are.
_EMPTY_FRAME = bytes(5)


@dataclass(frozen=True, slots=True)
class Case:
    """A cheap RPC of one kind of service."""

    name: str
    service: str
    rpc: str
    path: str


BARE = Case("an RPC that answers a constant", "bare", "GetStreak", "/api/diet/streak")
WHOLE = Case(
    "DietCare with all interceptors", "dietcare", "ListDefaultGoals", "/api/diet/goals/defaults"
)
CASES = (BARE, WHOLE)


@dataclass(frozen=True, slots=True)
class Arm:
    """One way: what is loaded, and the processes whose time that costs."""

    name: str
    target: Target
    processes: tuple["Popen[str]", ...]


@contextmanager
def arms(case: Case, cores: Cores, folder: Path) -> Iterator[list[Arm]]:
    """All ways to one service, ready; `folder` takes logs and configuration."""
    headers = {"authorization": f"Bearer {token()}"}
    with ExitStack() as stack:
        direct, upstream = stack.enter_context(in_process(case, cores, folder))
        found, service = [direct], direct.processes
        for name, start in _before().items():
            port, log = free_port(), folder / f"{name}.log"
            command = start(port, upstream, folder)
            proxy = stack.enter_context(running(command, cores, log))
            target = Target(f"http://127.0.0.1:{port}{case.path}", headers)
            wait_until_it_answers(target.url, headers, log)
            found.append(Arm(name, target, (*service, proxy)))
        found.append(Arm(GRPC, _grpc(case, upstream, headers, folder), service))
        yield found


@contextmanager
def in_process(case: Case, cores: Cores, folder: Path) -> Iterator[tuple[Arm, str]]:
    """The service: REST of its own process, and the address of its gRPC port."""
    log = folder / "service.log"
    command = [sys.executable, "-m", "benchmarks.service", case.service]
    with running(command, cores, log, output=True) as service:
        if service.stdout is None or not (line := service.stdout.readline()):
            raise SystemExit(log.read_text())
        there = json.loads(line)
        headers = {"authorization": f"Bearer {token()}"}
        target = Target(f"http://{there['http']}{case.path}", headers)
        yield Arm(IN_PROCESS, target, (service,)), there["grpc"]


def _before() -> dict[str, Callable[[int, str, Path], list[str]]]:
    """What may stand before the gRPC port, by name, as far as it is installed."""
    envoys = {ENVOY: _envoy} if envoy.BINARY.exists() else {}
    return {LOOPBACK: _gateway, **envoys}


def _gateway(port: int, upstream: str, _: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "gateway"),
        f"--upstream={upstream}",
        f"--descriptors={CONTRACT}",
        f"--service={SERVICE}",
        f"--listen=127.0.0.1:{port}",
    ]


def _envoy(port: int, upstream: str, folder: Path) -> list[str]:
    path = folder / "envoy.json"
    path.write_text(json.dumps(envoy.config(port, int(upstream.rpartition(":")[2]))))
    return envoy.command(path)


def _grpc(case: Case, address: str, headers: dict[str, str], folder: Path) -> Target:
    body = folder / "empty-message"
    body.write_bytes(_EMPTY_FRAME)
    of_grpc = {**headers, "content-type": "application/grpc", "te": "trailers"}
    return Target(f"http://{address}/{SERVICE}/{case.rpc}", of_grpc, body)
