"""Server streams as NDJSON: one record a line, and an error as the last line."""

from __future__ import annotations

import logging
from collections.abc import Callable

import orjson
from google.protobuf.message import Message

from gateway.disconnect import WhileConnected
from gateway.dispatch.port import ReplyStream, RpcFailure
from gateway.errors import ErrorAnswer, internal
from gateway.exchange import Exchange
from gateway.headers import from_metadata
from gateway.http import NDJSON
from gateway.routes import Route

log = logging.getLogger("gateway")

Explain = Callable[[RpcFailure], ErrorAnswer]


async def stream_lines(
    route: Route, replies: ReplyStream, exchange: Exchange, explain: Explain
) -> None:
    """Answer with every message of the stream.

    Raises:
        RpcFailure: the call failed before its first message, so that its status can be told.
        Disconnected: the client left.
    """
    try:
        async with WhileConnected(exchange.receive):
            first = await anext(replies, None)
            headers = {
                "content-type": NDJSON,
                "cache-control": "no-store",
                "x-content-type-options": "nosniff",
                **from_metadata(replies.metadata),
            }
            await exchange.start(route.method.success_status, headers)
            if exchange.method != "HEAD" and first is not None:
                await _write(first, route, replies, exchange, explain)
            await exchange.write(b"", more=False)
    finally:
        await replies.aclose()


async def _write(
    first: Message, route: Route, replies: ReplyStream, exchange: Exchange, explain: Explain
) -> None:
    try:
        await exchange.write(_line(route.encode(first)), more=True)
        async for message in replies:
            await exchange.write(_line(route.encode(message)), more=True)
    except RpcFailure as failure:
        answer = explain(failure)
    except Exception:
        # The status is sent already: the last line has to say it.
        log.exception("%s: the stream failed", exchange.request_id)
        answer = internal(exchange.language)
    else:
        return
    await exchange.write(_line({"error": answer.body(exchange.request_id)}), more=True)


def _line(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
