"""`python -m gateway`: the gateway as a process of its own, before a service on another one."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc
import uvloop

from gateway import logs
from gateway.api import Api
from gateway.app import Gateway
from gateway.dispatch import ChannelDispatcher
from gateway.docs import documentation_pages
from gateway.failures import GatewayConfigError
from gateway.http import Page, PageRequest, Response
from gateway.http_server import listening
from gateway.options import GatewayOptions
from gateway.pem import CertificateError
from gateway.reflection import learn
from gateway.secured import add_files, open_channel, serving_context

# A channel that was not used yet, or for long, or whose service restarts, connects only when it is
# asked to. Probes of Kubernetes wait for a second.
_READY_WITHIN_S = 0.5
_TEXT = {"content-type": "text/plain"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, serve until a signal, and return the exit status."""
    options = _parser().parse_args(arguments)
    logs.configure()
    try:
        given = Path(options.descriptors).read_bytes() if options.descriptors else None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(options, given))
    except GatewayConfigError as error:
        one_line = f"the gateway can not start: {error.problems[0]}"
        sys.stderr.write(f"{error if len(error.problems) > 1 else one_line}\n")
        return 2
    except (OSError, CertificateError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


async def _run(options: argparse.Namespace, given: bytes | None) -> None:
    host, port = _address(options.listen)
    tls = serving_context(options)
    async with open_channel(options) as channel:
        api = await _api(channel, options, given)
        pages = {**documentation_pages(api), "/livez": _livez, "/readyz": _readyz(channel)}
        gateway_options = GatewayOptions(
            unknown_fields=options.unknown_fields, cors_origins=tuple(options.cors_origin)
        )
        app = Gateway(api, ChannelDispatcher(channel), gateway_options, pages)
        with _listener(host, port) as listener:
            async with listening(app, listener, tls=tls):
                told_to_stop = _signals()
                sys.stderr.write(
                    f"{'https' if tls else 'http'}://{_shown(listener)} -> {options.upstream}\n"
                )
                await told_to_stop.wait()


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0].lower()
        raise GatewayConfigError([f"can not listen on {host}:{port}: {reason}"]) from error


def _shown(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _signals() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    return stop


async def _api(channel: grpc.aio.Channel, options: argparse.Namespace, given: bytes | None) -> Api:
    if given is not None:
        return Api.load(given, options.service or None)
    learned = await learn(channel, options.upstream, options.service, options.startup_timeout_s)
    return Api.load(learned.descriptors, learned.services)


async def _livez(_: PageRequest) -> Response:
    return Response(200, _TEXT, b"ok\n")


def _readyz(channel: grpc.aio.Channel) -> Page:
    async def page(_: PageRequest) -> Response:
        try:
            async with asyncio.timeout(_READY_WITHIN_S):
                await channel.channel_ready()
        except TimeoutError:
            return Response(503, _TEXT, b"the upstream is not connected\n")
        return Response(200, _TEXT, b"ok\n")

    return page


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > 65_535:
        raise GatewayConfigError([f"{text} is no HOST:PORT"])
    return host.strip("[]"), int(port)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(f"{text} is no time to wait")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--upstream", required=True, metavar="HOST:PORT", help="the gRPC service")
    parser.add_argument(
        "--descriptors",
        metavar="FILE",
        help="FileDescriptorSet of protoc --include_imports --include_source_info; "
        "without it the service is asked by server reflection, which knows no comments",
    )
    parser.add_argument(
        "--service",
        action="append",
        default=[],
        metavar="NAME",
        help="full name of a service to serve, may be repeated; default: all that have a route",
    )
    parser.add_argument(
        "--startup-timeout-s",
        type=_seconds,
        default=10.0,
        metavar="SECONDS",
        help="how long to wait for a service that is asked by reflection (default: 10)",
    )
    parser.add_argument("--listen", default="127.0.0.1:8080", metavar="HOST:PORT")
    add_files(parser)
    parser.add_argument("--unknown-fields", choices=("refuse", "ignore"), default="refuse")
    parser.add_argument(
        "--cors-origin", action="append", default=[], metavar="ORIGIN", help="may be repeated"
    )
    return parser


if __name__ == "__main__":
    logs.log_crashes()
    sys.exit(main())
