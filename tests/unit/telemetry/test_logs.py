"""Log lines: JSON or text, and never the text of an exception."""

import json
import logging
import re
import sys
import threading

import pytest
import structlog

SECRET = "mongodb://root:hunter2@db 현미밥"


def test_a_line_is_one_json_object_with_what_is_bound(configured):
    lines = configured()
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        structlog.get_logger("dietcare.test").info("call", name="현미밥")

    (line,) = lines()
    said = json.loads(line)
    assert (said["event"], said["name"], said["request_id"]) == ("call", "현미밥", "req_1")
    assert (said["level"], said["logger"]) == ("info", "dietcare.test")
    assert said["timestamp"].endswith("Z")
    assert "현미밥" in line


def test_lines_of_libraries_have_the_same_form(configured):
    lines = configured()
    logging.getLogger("somebody").warning("%s happened", "it")

    assert json.loads(lines()[0])["event"] == "it happened"


@pytest.mark.parametrize("how", ["structlog", "stdlib", "exc_info=True"])
def test_an_exception_is_named_with_its_place_and_never_quoted(configured, how):
    lines = configured()
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise RuntimeError(SECRET) from cause
    except RuntimeError as error:
        if how == "structlog":
            structlog.get_logger("a").error("crashed", exc_info=error)
        elif how == "stdlib":
            logging.getLogger("a").exception("crashed")
        else:
            structlog.get_logger("a").error("crashed", exc_info=True)

    (line,) = lines()
    said = json.loads(line)
    assert "hunter2" not in line
    assert said["error"] == ["RuntimeError", "KeyError"]
    assert said["at"][-1].startswith("test_logs.py:")
    assert said["at"][-1].endswith("quoted")


def test_exceptions_that_cause_each_other_are_written_too(configured):
    lines = configured()
    one, two = RuntimeError("1"), KeyError("2")
    one.__cause__, two.__cause__ = two, one

    structlog.get_logger("a").error("crashed", exc_info=one)

    assert json.loads(lines()[0])["error"] == ["RuntimeError", "KeyError"]


def test_a_line_that_asks_for_an_exception_where_there_is_none(configured):
    lines = configured()
    structlog.get_logger("a").error("fine", exc_info=True)

    assert "error" not in json.loads(lines()[0])


def test_lines_below_the_level_and_of_noisy_libraries_are_not_written(configured):
    lines = configured("warning")
    logging.getLogger("dietcare").info("not this")
    logging.getLogger("httpx2").warning("this")
    assert [json.loads(line)["event"] for line in lines()] == ["this"]

    lines = configured("debug")
    logging.getLogger("httpx2").info("HTTP Request: GET https://img.example/a?sig=secret")
    logging.getLogger("dietcare").debug("this")
    assert [json.loads(line)["event"] for line in lines()] == ["this"]


def test_on_a_terminal_a_line_is_text(configured):
    lines = configured(pretty=True)
    try:
        raise RuntimeError(SECRET)
    except RuntimeError:
        logging.getLogger("a").exception("crashed")

    text = "\n".join(lines())
    assert "crashed" in text
    assert "hunter2" not in text


def test_what_ends_the_process_is_not_quoted_either(configured):
    lines = configured()
    error = RuntimeError(SECRET)
    sys.excepthook(RuntimeError, error, None)

    (line,) = lines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["error"]) == (
        "crashed",
        "critical",
        ["RuntimeError"],
    )
    assert "hunter2" not in line


def ends_a_thread(error):
    def crash():
        raise error

    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()


def is_raised_where_nobody_can_catch_it(error):
    class Leaving:
        def __del__(self):
            raise error

    Leaving()


@pytest.mark.parametrize(
    ("happens", "event"),
    [
        (ends_a_thread, "a thread crashed"),
        (is_raised_where_nobody_can_catch_it, "an exception was ignored"),
    ],
)
def test_nor_is_what_nobody_can_catch(configured, happens, event):
    lines = configured()
    happens(RuntimeError(SECRET))

    (line,) = lines()
    said = json.loads(line)
    assert (said["event"], said["error"]) == (event, ["RuntimeError"])
    assert "hunter2" not in line


@pytest.mark.parametrize("pretty", [True, False])
def test_nor_are_the_values_of_a_line_that_can_not_be_written(configured, pretty):
    lines = configured(pretty=pretty)
    logging.getLogger("somebody").warning("%d", SECRET)

    (line,) = lines()
    assert re.fullmatch(r"ERROR a line of test_logs\.py:\d+ could not be logged: TypeError", line)
