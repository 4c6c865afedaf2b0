"""Structured logs: one JSON object a line, or coloured text on a terminal."""

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

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
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    sys.excepthook = _crashed
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends the process is logged like everything else, not printed with all that it quotes."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.getLogger("dietcare").critical("crashed", exc_info=(kind, error, trace))


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
        event["error"] = [type(each).__name__ for each in _chain(error)]
        event["at"] = _places(error)
    return event


def _chain(error: BaseException) -> list[BaseException]:
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        if cause in chain:  # two may be each other's cause
            break
        chain.append(cause)
    return chain


def _places(error: BaseException) -> list[str]:
    places = []
    trace = _chain(error)[-1].__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]
