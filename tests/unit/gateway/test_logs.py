"""The log of a gateway that is a process of its own: no exception is quoted."""

import asyncio
import logging

import pytest

from gateway.logs import NamingFormatter

SECRET = "현미밥 hunter2"


@pytest.fixture
def written():
    """What the formatter makes of lines as they are logged."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Kept()
    handler.setFormatter(NamingFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def test_an_exception_is_named_with_its_place_on_the_line(written):
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise RuntimeError(SECRET) from cause
    except RuntimeError:
        logging.getLogger("gateway").exception("%s: failed", "req_1")

    (line,) = written
    assert line.startswith("ERROR gateway: req_1: failed ['RuntimeError', 'KeyError'] ['test_logs.")
    assert "\n" not in line
    assert "hunter2" not in line


def test_a_line_without_one_is_as_it_was(written):
    logging.getLogger("gateway").warning("%s holds", "it")
    assert written == ["WARNING gateway: it holds"]


async def test_nor_is_one_of_a_task_that_nobody_waited_for(written):
    async def crash() -> None:
        raise RuntimeError(SECRET)

    task = asyncio.create_task(crash())
    await asyncio.wait({task})
    del task

    (line,) = written
    assert line.startswith("ERROR asyncio: Task exception was never retrieved ['RuntimeError'] [")
    assert "hunter2" not in line
