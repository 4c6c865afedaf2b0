"""How the gateway reaches a service: in the process, or over a channel."""

from gateway.dispatch.channel import ChannelDispatcher
from gateway.dispatch.local import LocalDispatcher
from gateway.dispatch.port import Call, Dispatcher, Reply, ReplyStream, RpcFailure

__all__ = [
    "Call",
    "ChannelDispatcher",
    "Dispatcher",
    "LocalDispatcher",
    "Reply",
    "ReplyStream",
    "RpcFailure",
]
