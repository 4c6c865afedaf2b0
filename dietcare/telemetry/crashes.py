"""Exceptions in logs: named, with the place they came from, and never quoted.

The text of an exception may hold what a client sent, and a driver's quotes users' data. A gateway
that is a process of its own has less of the same (`gateway.logs`): to import that here would import
gRPC, before the command has said how much its core may print.
"""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO

_PLACES = 8
_OF_TASKS = "asyncio"


def names(error: BaseException) -> list[str]:
    """The classes of an exception and of what led to it."""
    return [type(each).__name__ for each in _chain(error)]


def places(error: BaseException) -> list[str]:
    """Where what led to it was raised: file, line and function, outermost first."""
    found = []
    trace = _chain(error)[-1].__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-_PLACES:]


def first_line(logger: str, text: str) -> str:
    """What a logger said. After asyncio's first line comes the repr of a task, with its error."""
    return text.partition("\n")[0] if logger == _OF_TASKS else text


def log_crashes(logger: logging.Logger) -> None:
    """Have everything that nobody caught logged, instead of printed with all that it quotes: what
    ends the process or a thread, and what was raised where it could not be.
    """

    def ends(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            logger.critical("crashed", exc_info=(kind, error, trace))

    def ends_a_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_type is not SystemExit and args.exc_value is not None:
            logger.critical("a thread crashed", exc_info=args.exc_value)

    def is_ignored(args: Any) -> None:
        logger.error("an exception was ignored", exc_info=args.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = ends, ends_a_thread, is_ignored


class ToStderr(logging.StreamHandler[TextIO]):
    """To standard error; what can not be written is told by its place, and not quoted either."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(formatter)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        error = sys.exc_info()[0]
        where = f"{record.filename}:{record.lineno}"
        with suppress(OSError, ValueError):  # there may be nowhere to write any more
            said = error.__name__ if error else ""
            self.stream.write(f"ERROR a line of {where} could not be logged: {said}\n")


def _chain(error: BaseException) -> list[BaseException]:
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        if cause in chain:  # two may be each other's cause
            break
        chain.append(cause)
    return chain
