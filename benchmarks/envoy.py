"""Envoy's grpc_json_transcoder before a gRPC port, as its documentation sets it up."""

import sys
from pathlib import Path
from typing import Any

from dietcare.serving import CONTRACT, SERVICE

BINARY = Path(sys.executable).with_name("envoy")
_TYPE = "type.googleapis.com/envoy.extensions"


def command(config: Path) -> list[str]:
    """Envoy with one worker thread: our service has one, too."""
    return [
        str(BINARY),
        *("--config-path", str(config)),
        *("--concurrency", "1"),
        *("--log-level", "error"),
        "--disable-hot-restart",
    ]


def config(port: int, grpc_port: int) -> dict[str, Any]:
    """Listens on `port` and calls `grpc_port`, both of loopback; no access log, no statistics."""
    transcoder = {
        "@type": f"{_TYPE}.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": str(CONTRACT),
        "services": [SERVICE],
        "convert_grpc_status": True,
        # The same JSON as ours, as far as it can.
        "print_options": {
            "always_print_primitive_fields": True,
            "preserve_proto_field_names": True,
        },
    }
    router = {"@type": f"{_TYPE}.filters.http.router.v3.Router"}
    manager = {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "rest",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "grpc"}}],
                }
            ]
        },
        "http_filters": [
            {"name": "envoy.filters.http.grpc_json_transcoder", "typed_config": transcoder},
            {"name": "envoy.filters.http.router", "typed_config": router},
        ],
    }
    filters = [{"name": "http", "typed_config": manager}]
    listener = {"address": _address(port), "filter_chains": [{"filters": filters}]}
    return {"static_resources": {"listeners": [listener], "clusters": [_cluster(grpc_port)]}}


def _cluster(grpc_port: int) -> dict[str, Any]:
    protocol = f"{_TYPE}.upstreams.http.v3.HttpProtocolOptions"
    endpoint = {"endpoint": {"address": _address(grpc_port)}}
    return {
        "name": "grpc",
        "type": "STATIC",
        "typed_extension_protocol_options": {
            protocol.rpartition("/")[2]: {
                "@type": protocol,
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
        "load_assignment": {
            "cluster_name": "grpc",
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
