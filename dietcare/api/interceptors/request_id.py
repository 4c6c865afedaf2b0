"""Outermost: gives the call its id and the record that the others fill."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from dietcare.api import call
from dietcare.api.interceptors.base import Around, Context

_VALID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestIdInterceptor(Around):
    """Takes the client's id where it is a valid one, else makes a new one."""

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        metadata = call.metadata_of(context)
        given = metadata.get("x-request-id", "")
        request_id = given if _VALID.fullmatch(given) else f"req_{secrets.token_hex(8)}"
        current = call.Call(
            method=method_name.rpartition("/")[2],
            request_id=request_id,
            accept_language=metadata.get("accept-language"),
            trailers=[("x-request-id", request_id)],
        )
        call.begin(current)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            yield
        context.set_trailing_metadata(tuple(current.trailers))
