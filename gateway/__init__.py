"""A grpc-gateway for Python: REST for any gRPC service, from its `google.api.http` annotations."""

from gateway.api import Api, Binding, Method
from gateway.app import Gateway, Refused
from gateway.dispatch import (
    Call,
    ChannelDispatcher,
    Dispatcher,
    LocalDispatcher,
    Reply,
    ReplyStream,
    RpcFailure,
)
from gateway.failures import GatewayConfigError
from gateway.http import Page, PageRequest, Response
from gateway.options import GatewayOptions, Observation

__all__ = [
    "Api",
    "Binding",
    "Call",
    "ChannelDispatcher",
    "Dispatcher",
    "Gateway",
    "GatewayConfigError",
    "GatewayOptions",
    "LocalDispatcher",
    "Method",
    "Observation",
    "Page",
    "PageRequest",
    "Refused",
    "Reply",
    "ReplyStream",
    "Response",
    "RpcFailure",
]
