"""What an error of the SDK means for us."""

from datetime import UTC, datetime

import httpx2
import openai
import pytest

from dietcare.errors import OpenAIAPIError
from dietcare.vision.failure import cause_of, failure_of, retry_after_s
from dietcare.vision.port import UnansweredError

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
REQUEST = httpx2.Request("POST", "https://api.example/v1/chat/completions?key=secret")


def status_error(status: int, **headers: str) -> openai.APIStatusError:
    response = httpx2.Response(status, headers=headers, request=REQUEST)
    return openai.APIStatusError("a secret", response=response, body=None)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_what_passes_is_unanswered(status: int) -> None:
    assert isinstance(failure_of(status_error(status)), UnansweredError)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 422])
def test_what_stays_is_not(status: int) -> None:
    assert type(failure_of(status_error(status))) is OpenAIAPIError


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        openai.APIConnectionError(request=REQUEST),
        openai.APITimeoutError(request=REQUEST),
    ],
)
def test_no_connection_and_no_answer_in_time_are_unanswered(error: Exception) -> None:
    assert isinstance(failure_of(error), UnansweredError)


def test_retry_after_is_passed_on() -> None:
    failure = failure_of(status_error(429, **{"retry-after": "7"}))
    assert isinstance(failure, UnansweredError)
    assert failure.retry_after_s == 7.0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("1.5", 1.5),
        ("120", 120.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:59:00 GMT", 0.0),
        *((said, 0.0) for said in ("", "-5", "nan", "inf", "soon", "Mon, 99 Nov 2026")),
        *(
            (f"Mon, 23 Nov {odd}", 0.0)
            for odd in (
                f"{10**14} 12:00:00 GMT",
                f"2026 {10**20}:00:00 GMT",
                f"2026 12:00:00 +{10**20}",
            )
        ),
        ("Mon, 23 Nov 2026 12:00:30", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str, seconds: float) -> None:
    assert retry_after_s({"retry-after": said}, NOW) == seconds


def test_the_log_gets_the_kind_and_the_status_alone() -> None:
    assert cause_of(status_error(503)) == "APIStatusError, status 503"
    assert cause_of(ValueError("a secret")) == "ValueError"
