"""Server streams: NDJSON, server-sent events where the client prefers them, or raw bytes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from gateway.codec import Convert
from gateway.disconnect import WhileConnected
from gateway.dispatch.port import ReplyStream, RpcFailure
from gateway.errors import ErrorAnswer, internal
from gateway.exchange import Exchange
from gateway.headers import from_metadata
from gateway.http import NDJSON, SSE
from gateway.http_body import content_type
from gateway.negotiation import media_weight
from gateway.routes import Route

log = logging.getLogger("gateway")

Explain = Callable[[RpcFailure], ErrorAnswer]


class _Form(NamedTuple):
    """How a stream is written."""

    # Empty: the first record says it.
    media: str
    record: Callable[[Any], bytes]
    # An error after the first record; None: the answer breaks off.
    error: Callable[[dict[str, Any]], bytes] | None


def _ndjson(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _event(value: Any) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"


_LINES = _Form(NDJSON, _ndjson, lambda error: _ndjson({"error": error}))
_EVENTS = _Form(SSE, _event, lambda error: b"event: error\n" + _event(error))
_RAW = _Form("", attrgetter("data"), None)

# Not None, which is what grpc gives for a message that can not be read.
_NO_MESSAGE = object()


async def stream(route: Route, replies: ReplyStream, exchange: Exchange, explain: Explain) -> None:
    """Answer with every message of the stream, each as soon as it is there.

    Raises:
        RpcFailure: the call failed before its first message, so that its status can be told.
        Disconnected: the client left.
    """
    form = _form(route, exchange)
    try:
        with WhileConnected(exchange.receive):
            first: Any = await anext(replies, _NO_MESSAGE)
            is_empty = first is _NO_MESSAGE
            encode: Convert = route.encode
            if not is_empty and route.raw_member and first.HasField(route.raw_member):
                form, encode = _RAW, attrgetter(route.raw_member)
            value = None if is_empty else encode(first)
            record = b"" if is_empty else form.record(value)
            sent = from_metadata(replies.metadata)
            if exchange.has_current(sent.get("etag")):
                await exchange.answer(304, sent)
                return
            headers = {"content-type": form.media or content_type(value), **sent}
            await exchange.start(route.method.success_status, headers)
            ended = exchange.method == "HEAD" or is_empty
            if ended or await _write(record, form, encode, replies, exchange, explain):
                await exchange.write(b"", more=False)
    finally:
        await replies.aclose()


def _form(route: Route, exchange: Exchange) -> _Form:
    if route.is_raw:
        return _RAW
    exchange.vary_by("accept")
    accept = exchange.headers.get("accept", "")
    return _EVENTS if media_weight(accept, SSE) > media_weight(accept, NDJSON) else _LINES


async def _write(
    record: bytes,
    form: _Form,
    encode: Convert,
    replies: ReplyStream,
    exchange: Exchange,
    explain: Explain,
) -> bool:
    """Write all records; whether the answer is whole after that."""
    try:
        await exchange.write(record, more=True)
        async for message in replies:
            await exchange.write(form.record(encode(message)), more=True)
    except RpcFailure as failure:
        answer = explain(failure)
    except Exception:
        # The status is sent already: the last record has to say it.
        log.exception("%s: the stream failed", exchange.request_id)
        answer = internal(exchange.language)
    else:
        return True
    if form.error is None:
        # Raw bytes can not say it: without its end, nobody takes the answer for a whole one.
        return False
    await exchange.write(form.error(answer.body(exchange.request_id)), more=True)
    return True
