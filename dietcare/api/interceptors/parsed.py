"""Refuses messages that can not be parsed; grpc.aio would tell the client the parser's words."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from google.protobuf.message import DecodeError

from dietcare.api.interceptors.base import Around, Context
from dietcare.errors import ValidationError


class ParsedInterceptor(Around):
    """Such a message comes this far, as None: its call is counted and logged like every other."""

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        """As every interceptor, with a parser that does not raise."""
        handler = await super().intercept_service(continuation, details)
        if handler is None or handler.request_streaming:
            return handler
        return handler._replace(request_deserializer=_or_none(handler.request_deserializer))

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        if request is None:
            raise ValidationError
        yield


def _or_none(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def parsed(data: bytes) -> Any:
        try:
            return parse(data)
        except DecodeError:
            return None

    return parsed
