"""Structured logs: one JSON object a line, or coloured text on a terminal."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from dietcare.telemetry.crashes import ToStderr, log_crashes, names, places
from dietcare.telemetry.scrub import scrub

QUIET = ("pymongo", "motor", "httpx2", "httpcore2", "openai", "PIL", "uvicorn", "asyncio")


def configure(level: str, *, pretty: bool) -> None:
    """Send every log line of the process to standard error from `level` on."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if pretty
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_messages_of_exceptions,
            scrub,
            renderer,
        ],
    )
    root = logging.getLogger()
    root.handlers = [ToStderr(formatter)]
    root.setLevel(level.upper())
    log_crashes(logging.getLogger("dietcare"))
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _without_messages_of_exceptions(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Say where an exception came from but not its text: a driver's text quotes users' data."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = names(error)
        event["at"] = places(error)
    return event
