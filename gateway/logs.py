"""Log lines of `python -m gateway`: exceptions are named with their place, and never quoted.

The text of an exception may hold what a client sent, or a message on its way.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from pathlib import Path

log = logging.getLogger("gateway")

_PLACES = 8


def configure() -> None:
    """Write every line to standard error, and nothing where one can not be written."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(NamingFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.raiseExceptions = False


def log_crashes() -> None:
    """Have everything that nobody caught logged, instead of printed with all that it quotes."""
    sys.excepthook = lambda kind, error, trace: log.critical("crashed", exc_info=error)
    threading.excepthook = lambda args: log.critical("a thread crashed", exc_info=args.exc_value)
    sys.unraisablehook = lambda args: log.error("an exception was ignored", exc_info=args.exc_value)


class NamingFormatter(logging.Formatter):
    """One line each: what is said, and of an exception the classes and the places."""

    def format(self, record: logging.LogRecord) -> str:
        # asyncio's first line is followed by the repr of a task, with its exception.
        record.message = record.getMessage().partition("\n")[0]
        line = self.formatMessage(record)
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line} {_classes(error)} {_places(error)}"


def _classes(error: BaseException) -> list[str]:
    led_to: BaseException | None = error
    found: list[BaseException] = []
    while led_to is not None and led_to not in found:  # two may be each other's cause
        found.append(led_to)
        led_to = led_to.__cause__ or led_to.__context__
    return [type(each).__name__ for each in found]


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    return [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames]
