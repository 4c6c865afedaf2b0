"""The log of a process, as it is written."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import structlog

from dietcare.telemetry import logs


@pytest.fixture
def configured(capsys) -> Iterator[Callable[..., Callable[[], list[str]]]]:
    """Configure; gives what reads the lines written since."""
    root = logging.getLogger()
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    before = root.handlers[:], root.level, {n: logging.getLogger(n).level for n in logs.QUIET}

    def configure(level: str = "info", *, pretty: bool = False) -> Callable[[], list[str]]:
        logs.configure(level, pretty=pretty)
        return lambda: capsys.readouterr().err.splitlines()

    yield configure
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    root.handlers, root.level = before[0], before[1]
    for name, level in before[2].items():
        logging.getLogger(name).setLevel(level)
    structlog.reset_defaults()
