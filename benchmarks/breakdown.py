"""Where the time of one request goes, in microseconds of the processor.

The parts run in this process without sockets, take turns, and are told apart by what each adds:
interceptors by the chain with one more of them, the gateway by a call of its ASGI application less
handler and JSON. What the HTTP server adds is the rest of a request under load.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import uvloop
from rich.table import Table

from benchmarks.arms import WHOLE, in_process
from benchmarks.load import MISSING, is_available, load
from benchmarks.processes import cpu_s
from benchmarks.report import console, write
from benchmarks.rest import placements
from benchmarks.service import settings, token
from dietcare.app import App, build_app
from dietcare.serving import CONTRACT, SERVICE, gateway
from dietcare.telemetry import logs
from dietcare.v1 import goal_pb2, service_pb2_grpc
from gateway import Api, Call, LocalDispatcher
from gateway.codec import Encoders

Work = Callable[[], Awaitable[Any]]
ASGI, HANDLER, ENCODE = "asgi", "handler", "encode"
WARM_UP = 200


async def works(app: App) -> dict[str, Work]:
    """What is timed, by name; `chain N` is the handler behind the first N interceptors."""
    request = goal_pb2.ListDefaultGoalsRequest()
    servicer: Any = app.servicer
    message = await servicer.ListDefaultGoals(request, None)
    to_json = Encoders().message(message.DESCRIPTOR)
    asgi = await gateway(replace(app, interceptors=[]))
    bearer = f"Bearer {token()}"

    async def encode() -> bytes:
        return orjson.dumps(to_json(message))

    found: dict[str, Work] = {
        ASGI: lambda: asgi(_scope(bearer), _receive, _send),
        HANDLER: lambda: servicer.ListDefaultGoals(request, None),
        ENCODE: encode,
    }
    for length in range(len(app.interceptors) + 1):
        found[f"chain {length}"] = await _chain(app, length, bearer)
    return found


async def _chain(app: App, length: int, bearer: str) -> Work:
    dispatcher = await LocalDispatcher.build(
        lambda server: service_pb2_grpc.add_DietCareServiceServicer_to_server(app.servicer, server),
        app.interceptors[:length],
    )
    api = Api.load(CONTRACT.read_bytes(), [SERVICE])
    method = next(each for each in api.methods if each.name == WHOLE.rpc)
    metadata = (("authorization", bearer), ("x-request-id", "req_1"))
    request = goal_pb2.ListDefaultGoalsRequest()
    return lambda: dispatcher.unary(Call(method, request, metadata, "ipv4:127.0.0.1:5000"))


def _scope(bearer: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": WHOLE.path,
        "raw_path": WHOLE.path.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1:8080"),
            (b"user-agent", b"h2load"),
            (b"authorization", bearer.encode()),
        ],
        "client": ("127.0.0.1", 5000),
    }


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_: Any) -> None:
    """Nobody reads the answer."""


async def timed(works: dict[str, Work], rounds: int, calls: int) -> dict[str, float]:
    """The best round of each, in microseconds: what else the machine does only ever adds."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        for _ in range(WARM_UP):
            await work()
    for _ in range(rounds):
        for name, work in works.items():
            started = time.process_time()
            for _ in range(calls):
                await work()
            times[name].append((time.process_time() - started) / calls * 1e6)
    return {name: min(series) for name, series in times.items()}


def parts(times: dict[str, float], interceptors: list[str], under_load_us: float | None) -> Any:
    """What each part adds, in the order in which a request meets them."""
    chain = [times[f"chain {length}"] for length in range(len(interceptors) + 1)]
    found = {"gateway": times[ASGI] - times[HANDLER] - times[ENCODE]}
    for name, outer, inner in zip(interceptors, chain[1:], chain, strict=False):
        found[name] = outer - inner
    found |= {"handler": times[HANDLER], "JSON": times[ENCODE]}
    if under_load_us is None:
        return found
    rest = under_load_us - sum(found.values())
    return {"HTTP server, sockets, loop": rest, **found}


def under_load_us(rounds: int, seconds: float) -> float:
    """Processor time of one request to the whole service over REST, in microseconds."""
    serving, loading = next(iter(placements().values()))
    costs = []
    with (
        tempfile.TemporaryDirectory(prefix="dietcare-bench-") as folder,
        in_process(WHOLE, serving, Path(folder)) as (arm, _),
    ):
        load(arm.target, seconds, loading)
        for _ in range(rounds):
            before = cpu_s(arm.processes)
            done = load(arm.target, seconds, loading)
            costs.append((cpu_s(arm.processes) - before) / done.requests * 1e6)
    return min(costs)


async def measure(rounds: int, calls: int) -> tuple[dict[str, float], list[str]]:
    """The times of the parts, and the names of the interceptors."""
    async with build_app(settings()) as app:
        times = await timed(await works(app), rounds, calls)
        return times, [type(each).__name__ for each in app.interceptors]


def main() -> None:
    """Print the table and write build/bench/breakdown.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.breakdown", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=100, help="of each part in a round")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round under load")
    options = parser.parse_args()
    out = console()
    whole = under_load_us(5, options.seconds) if is_available() else None
    if whole is None:
        out.print(MISSING)
    logs.configure("info", pretty=False)
    with (
        tempfile.TemporaryFile("w") as log,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(log)
        times, interceptors = runner.run(measure(options.rounds, options.calls))
    found = parts(times, interceptors, whole)
    shown = Table(title=f"GET {WHOLE.path}, {WHOLE.name}", title_justify="left")
    shown.add_column("")
    shown.add_column("CPU µs/request", justify="right")
    for name, cost in found.items():
        shown.add_row(name, f"{cost:,.1f}")
    shown.add_section()
    shown.add_row("together", f"{sum(found.values()):,.1f}")
    out.print(shown)
    out.print(str(write("breakdown", found)))


if __name__ == "__main__":
    main()
