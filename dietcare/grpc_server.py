"""The gRPC server: what it serves, and how much of itself it gives to one client."""

import grpc
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from dietcare.api.grpc_health import ReadinessServicer
from dietcare.app import App
from dietcare.v1 import service_pb2, service_pb2_grpc

SERVICE = service_pb2.DESCRIPTOR.services_by_name["DietCareService"].full_name
MESSAGE_MAX_BYTES = 16 * 1024 * 1024
METADATA_SOFT_BYTES = 8 * 1024
METADATA_MAX_BYTES = 16 * 1024
STREAMS_MAX = 1_024
"""Calls at once of one connection. A client of gRPC queues what is beyond, but not before it has
heard of the limit: what a new connection begins with beyond it fails.
"""
PENDING_MAX = 20_000
"""Calls that have arrived and not been begun. From 1,000 on, by default, gRPC would cancel
some at random, and a client that opens and resets streams would have others' calls cancelled.
"""
CONNECTIONS_MAX = 4_096
HANDSHAKE_S = 10
"""How long a connection may take until it speaks HTTP/2; it counts as one until then."""
IDLE_S = 300
AGE_S, AGE_GRACE_S = 1_800, 300
"""When a connection has to be made anew, which spreads clients over new servers and ends calls that
never send their message; and how long what runs on it may go on."""
PING_INTERVAL_S, PING_TIMEOUT_S = 60, 20
PINGS_OF_CLIENTS_S = 30
"""Pings that come faster are counted, and after a few the connection is closed."""

OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second process on the port must fail, not take calls
    ("grpc.max_receive_message_length", MESSAGE_MAX_BYTES),
    ("grpc.max_send_message_length", MESSAGE_MAX_BYTES),
    ("grpc.max_metadata_size", METADATA_SOFT_BYTES),
    ("grpc.absolute_max_metadata_size", METADATA_MAX_BYTES),
    ("grpc.max_concurrent_streams", STREAMS_MAX),
    ("grpc.server.max_pending_requests", PENDING_MAX),
    ("grpc.server.max_pending_requests_hard_limit", PENDING_MAX),
    ("grpc.max_allowed_incoming_connections", CONNECTIONS_MAX),
    ("grpc.server_handshake_timeout_ms", HANDSHAKE_S * 1_000),
    ("grpc.max_connection_idle_ms", IDLE_S * 1_000),
    ("grpc.max_connection_age_ms", AGE_S * 1_000),
    ("grpc.max_connection_age_grace_ms", AGE_GRACE_S * 1_000),
    ("grpc.keepalive_time_ms", PING_INTERVAL_S * 1_000),
    ("grpc.keepalive_timeout_ms", PING_TIMEOUT_S * 1_000),
    ("grpc.http2.min_ping_interval_without_data_ms", PINGS_OF_CLIENTS_S * 1_000),
    ("grpc.keepalive_permit_without_calls", 1),
)


def grpc_server(app: App) -> grpc.aio.Server:
    """The gRPC server of the app with health and, where wanted, reflection; not yet listening."""
    server = grpc.aio.server(
        interceptors=app.interceptors,
        options=OPTIONS,
    )
    service_pb2_grpc.add_DietCareServiceServicer_to_server(app.servicer, server)
    health_pb2_grpc.add_HealthServicer_to_server(ReadinessServicer(app.health, SERVICE), server)
    if app.settings.reflection:
        names = (SERVICE, "grpc.health.v1.Health", reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, server)
    return server
