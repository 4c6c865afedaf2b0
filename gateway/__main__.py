"""`python -m gateway`: the gateway as a process of its own, before a service on another one."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import grpc
import uvicorn

from gateway.api import Api
from gateway.app import Gateway
from gateway.dispatch import ChannelDispatcher
from gateway.docs import documentation_pages
from gateway.failures import GatewayConfigError
from gateway.http import Page, PageRequest, Response
from gateway.options import GatewayOptions

# Messages of 16 MiB, and room for what surrounds them.
_MAX_MESSAGE_BYTES = 17 * 1024 * 1024
_CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, serve until a signal, and return the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        api = Api.load(Path(options.descriptors).read_bytes(), options.service)
        asyncio.run(_serve(api, options))
    except (GatewayConfigError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


async def _serve(api: Api, options: argparse.Namespace) -> None:
    host, port = _address(options.listen)
    async with _channel(options) as channel:
        pages = {**documentation_pages(api), "/livez": _livez, "/readyz": _readyz(channel)}
        gateway_options = GatewayOptions(
            unknown_fields=options.unknown_fields, cors_origins=tuple(options.cors_origin)
        )
        app = Gateway(api, ChannelDispatcher(channel), gateway_options, pages)
        config = uvicorn.Config(
            app, host=host, port=port, log_level="warning", server_header=False, proxy_headers=False
        )
        sys.stderr.write(f"http://{options.listen} -> {options.upstream}\n")
        await uvicorn.Server(config).serve()


def _channel(options: argparse.Namespace) -> grpc.aio.Channel:
    if options.tls_ca is None:
        return grpc.aio.insecure_channel(options.upstream, options=_CHANNEL_OPTIONS)
    credentials = grpc.ssl_channel_credentials(Path(options.tls_ca).read_bytes())
    return grpc.aio.secure_channel(options.upstream, credentials, options=_CHANNEL_OPTIONS)


async def _livez(_: PageRequest) -> Response:
    return Response(200, {"content-type": "text/plain"}, b"ok\n")


def _readyz(channel: grpc.aio.Channel) -> Page:
    async def page(_: PageRequest) -> Response:
        state = channel.get_state(try_to_connect=True)
        ready = state is grpc.ChannelConnectivity.READY
        body = b"ok\n" if ready else b"the upstream is not connected\n"
        return Response(200 if ready else 503, {"content-type": "text/plain"}, body)

    return page


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise GatewayConfigError([f"{text} is no HOST:PORT"])
    return host.strip("[]"), int(port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--upstream", required=True, metavar="HOST:PORT", help="the gRPC service")
    parser.add_argument(
        "--descriptors",
        required=True,
        metavar="FILE",
        help="FileDescriptorSet of protoc --include_imports --include_source_info",
    )
    parser.add_argument(
        "--service",
        required=True,
        action="append",
        metavar="NAME",
        help="full name of a service to serve; may be repeated",
    )
    parser.add_argument("--listen", default="127.0.0.1:8080", metavar="HOST:PORT")
    parser.add_argument("--tls-ca", metavar="FILE", help="PEM: speak TLS with the service")
    parser.add_argument("--unknown-fields", choices=("refuse", "ignore"), default="refuse")
    parser.add_argument(
        "--cors-origin", action="append", default=[], metavar="ORIGIN", help="may be repeated"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
