"""A real Envoy with its gRPC-JSON transcoder, in a process of its own on ports of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

READY_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10
LISTENER = "rest"
API = "type.googleapis.com/envoy.extensions"


class Envoy:
    """A running Envoy: the port that it serves, and what it has logged so far."""

    def __init__(self) -> None:
        self.port = 0
        self._lines: list[str] = []

    @property
    def log(self) -> str:
        return "".join(self._lines)

    async def read(self, stderr: asyncio.StreamReader, until: str = "") -> None:
        """Keep the log up to a line that holds `until`, or to its end."""
        async for line in stderr:
            self._lines.append(line.decode(errors="replace"))
            if until and until in self._lines[-1]:
                return
        assert not until, f"Envoy ended before {until!r}:\n{self.log}"


@asynccontextmanager
async def running_envoy(
    binary: str, folder: Path, descriptors: bytes, service: str, upstream: int, limit: int
) -> AsyncIterator[Envoy]:
    """Envoy before the gRPC service on port `upstream`, for bodies of at most `limit` bytes."""
    (folder / "contract.binpb").write_bytes(descriptors)
    transcoder = _transcoder(str(folder / "contract.binpb"), service, limit)
    (folder / "envoy.json").write_text(json.dumps(_bootstrap(transcoder, upstream, limit)))
    process = await asyncio.create_subprocess_exec(
        *(binary, "--config-path", str(folder / "envoy.json"), "--concurrency", "1"),
        # Without hot restart there is no shared memory that two of them could meet in.
        *("--disable-hot-restart", "--admin-address-path", str(folder / "admin")),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    envoy = Envoy()
    reading = None
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            await envoy.read(process.stderr, until="starting workers")
            # It would stop when the pipe is full.
            reading = asyncio.create_task(envoy.read(process.stderr))
            envoy.port = await _listening_port((folder / "admin").read_text())
        yield envoy
    finally:
        await _stop(process)
        if reading is not None:
            await reading


async def _listening_port(admin: str) -> int:
    host, _, port = admin.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /listeners?format=json HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert head.startswith(b"HTTP/1.1 200"), head
    text = body[body.index(b"{") : body.rindex(b"}") + 1]
    (listener,) = json.loads(text)["listener_statuses"]
    assert listener["name"] == LISTENER
    found: int = listener["local_address"]["socket_address"]["port_value"]
    return found


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _transcoder(descriptors: str, service: str, limit: int) -> dict[str, Any]:
    """The options that come nearest to what the gateway does."""
    return {
        "@type": f"{API}.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": descriptors,
        "services": [service],
        "convert_grpc_status": True,
        "query_param_unescape_plus": True,
        "url_unescape_spec": "ALL_CHARACTERS_EXCEPT_RESERVED",
        "max_request_body_size": limit,
        "max_response_body_size": limit,
        "print_options": {
            "always_print_primitive_fields": True,
            "preserve_proto_field_names": True,
            "stream_newline_delimited": True,
        },
        "request_validation_options": {
            "reject_unknown_method": True,
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
    }


def _bootstrap(transcoder: dict[str, Any], upstream: int, limit: int) -> dict[str, Any]:
    router = {"@type": f"{API}.filters.http.router.v3.Router"}
    route = {"match": {"prefix": "/"}, "route": {"cluster": "service", "timeout": "0s"}}
    http = {
        "@type": f"{API}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": LISTENER,
        # How long it waits, after an answer of its own, for the client to close. Default: 1 s.
        "delayed_close_timeout": "0.005s",
        "http_filters": [
            {"name": "envoy.filters.http.grpc_json_transcoder", "typed_config": transcoder},
            {"name": "envoy.filters.http.router", "typed_config": router},
        ],
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
    }
    filters = [{"name": "http", "typed_config": http}]
    listener = {
        "name": LISTENER,
        "address": _address(0),
        "per_connection_buffer_limit_bytes": limit,
        "filter_chains": [{"filters": filters}],
    }
    http2 = {
        "@type": f"{API}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    cluster = {
        "name": "service",
        "per_connection_buffer_limit_bytes": limit,
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2
        },
        "load_assignment": {
            "cluster_name": "service",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(upstream)}}]}],
        },
    }
    return {
        "admin": {"address": _address(0)},
        "static_resources": {"listeners": [listener], "clusters": [cluster]},
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
