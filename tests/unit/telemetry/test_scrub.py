"""The last net under the log."""

import json
import logging

import pytest
import structlog

from dietcare.telemetry.scrub import scrub

SECRETS = [
    ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "c2ln"),
    ("authorization: bearer hunter2hunter2", "hunter2"),
    ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln refused", "eyJzdWIiOiJ4In0"),
    ("invalid api key sk-proj-AbCd1234efgh", "AbCd1234"),
    ("mongodb://root:hunter2@db.example:27017/?replicaSet=rs0", "hunter2"),
    ("mongodb://root:p@ss:hunter2@db.example:27017", "hunter2"),
    ("redis://:hunter2@cache.example/0", "hunter2"),
    ("GET https://img.example/a.jpg?X-Amz-Signature=hunter2 200", "hunter2"),
    ("GET https://img.example/a.jpg#hunter2", "hunter2"),
    ("data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ==", "4AAQ"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEhunter2\n-----END RSA PRIVATE KEY-----", "hunter2"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEhunter2", "hunter2"),
]


def scrubbed(**event):
    return scrub(None, "info", event)


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_does_not_pass(text, secret):
    assert secret not in scrubbed(event=text)["event"]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_nor_does_one_deeper_in_or_in_an_object(text, secret):
    event = scrubbed(event="x", deep={"a": [text, (text,)]}, error=RuntimeError(text))
    assert secret not in json.dumps(event)


@pytest.mark.parametrize(
    "text",
    [
        "ready",
        "https://img.example/a.jpg",
        "mongodb://db.example:27017/dietcare",
        "risk-averse",
        "can not listen on 127.0.0.1:8080: address in use; free it or set DIETCARE_HTTP_ADDRESS",
    ],
)
def test_what_is_no_secret_is_left_alone(text):
    assert scrubbed(event=text)["event"] == text


def test_where_an_address_is_stays_readable():
    said = scrubbed(event="GET https://img.example/a.jpg?sig=x failed")["event"]
    assert said == "GET https://img.example/a.jpg?[query] failed"


def test_numbers_stay_numbers():
    assert scrubbed(event="call", ms=1.5, ok=True, user=None) == {
        "event": "call",
        "ms": 1.5,
        "ok": True,
        "user": None,
    }


def test_a_task_that_failed_unheard_does_not_quote_its_exception(configured):
    lines = configured()
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <hunter2>")
    assert json.loads(lines()[0])["event"] == "Task exception was never retrieved"


def test_every_line_passes_it(configured):
    lines = configured("debug")
    structlog.get_logger("a").debug("mongodb://root:hunter2@db", url="https://a.example/?hunter2")
    logging.getLogger("somebody").debug("Bearer %s", "hunter2")
    assert len(written := lines()) == 2
    assert "hunter2" not in "".join(written)
