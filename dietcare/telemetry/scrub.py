"""The last net under the log: what looks like a secret does not pass, whoever wrote it.

Nothing should come this far: code logs names, codes and counts, and no values. But libraries log
too, and what they will say tomorrow nobody knows.
"""

import re
from collections.abc import MutableMapping
from typing import Any

from dietcare.telemetry.crashes import first_line

_SUSPECT = re.compile(r"://|eyJ|earer|sk-|base64,|PRIVATE KEY", re.IGNORECASE)
"""What every secret below contains, so that most lines are looked at once only."""

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END|$)", re.DOTALL), "[key]"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+\.?[\w-]*"), "[token]"),
    (re.compile(r"\b(bearer)\s+[^\s\"',;]+", re.IGNORECASE), r"\1 [token]"),
    (re.compile(r"\bsk-[\w-]{8,}"), "[key]"),
    (re.compile(r"base64,[A-Za-z0-9+/=_-]+"), "base64,[data]"),
    # The credentials and the query of an address; the rest of it may be known.
    (re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s/?#\"']*@", re.IGNORECASE), r"\1[credentials]@"),
    (re.compile(r"\b(https?://[^\s?#\"'<>]*)[?#][^\s\"'<>]*", re.IGNORECASE), r"\1?[query]"),
)


def scrub(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog: replaces secrets in every text of a line, however deep."""
    event["event"] = first_line(event.get("logger", ""), str(event.get("event", "")))
    for key, value in event.items():
        event[key] = _scrubbed(value)
    return event


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {key: _scrubbed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _text(str(value))


def _text(value: str) -> str:
    if _SUSPECT.search(value):
        for secret, put_there in _SECRETS:
            value = secret.sub(put_there, value)
    return value
