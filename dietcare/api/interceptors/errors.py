"""Turns every exception into a status; nothing of an unknown one but its class is told anybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NoReturn

import grpc
import structlog

from dietcare.api import call
from dietcare.api.interceptors.base import Around, Context
from dietcare.api.status import DETAILS_KEY, INTERNAL, outcome_of, status_of
from dietcare.errors import DietCareError

_log = structlog.get_logger("dietcare.errors")


class ErrorInterceptor(Around):
    """Aborts with what the status table says; what is unknown becomes INTERNAL."""

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        try:
            yield
        except DietCareError as error:
            if outcome_of(error) == INTERNAL or error.__cause__ is not None:
                _log.warning("failed", reason=error.reason, exc_info=error)
            await _abort(context, error)
        except grpc.aio.AbortError:
            raise
        except Exception as error:
            _log.error("crashed", exc_info=error)
            await _abort(context, DietCareError())
        except asyncio.CancelledError as error:
            # A cancellation that nobody asked for would leave the client without any answer.
            task = asyncio.current_task()
            if task is None or task.cancelling() or context.cancelled():
                raise
            _log.error("crashed", exc_info=error)
            await _abort(context, DietCareError())


async def _abort(context: Context, error: DietCareError) -> NoReturn:
    current = call.current()
    status = status_of(error, current.language, current.request_id)
    current.code, current.reason = outcome_of(error).code, error.reason
    trailers = (*current.trailers, (DETAILS_KEY, status.SerializeToString()))
    await context.abort(current.code, status.message, trailers)
