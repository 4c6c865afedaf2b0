"""What an error of OpenAI's SDK means, without its words: those may hold keys and addresses."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import openai

from dietcare.errors import OpenAIAPIError
from dietcare.vision.answer import ImpossibleAnswerError, UnusableAnswerError
from dietcare.vision.port import UnansweredError

PASSING_STATUS = frozenset({408, 409, 429})  # besides every 5xx


def failure_of(error: Exception) -> OpenAIAPIError:
    """Our error for `error`: UnansweredError where the same call may succeed later."""
    if isinstance(error, openai.APIStatusError):
        if error.status_code < 500 and error.status_code not in PASSING_STATUS:
            return OpenAIAPIError()
        return UnansweredError(retry_after_s(error.response.headers, datetime.now(UTC)))
    if isinstance(error, TimeoutError | openai.APIConnectionError):
        return UnansweredError()
    return OpenAIAPIError()


def cause_of(error: Exception) -> str:
    """What failed, for the log: the kind and the status alone."""
    cause = type(error).__name__
    if isinstance(error, openai.APIStatusError):
        return f"{cause}, status {error.status_code}"
    if isinstance(error, ImpossibleAnswerError | UnusableAnswerError):
        return f"{cause}, {error}"
    return cause


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float:
    """What Retry-After asks for (RFC 9110, 10.2.3: seconds or a date); 0 where it says nothing."""
    said = headers.get("retry-after", "")
    try:
        seconds = float(said)
    except ValueError:
        seconds = _until(said, now)
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def _until(date: str, now: datetime) -> float:
    try:
        return (parsedate_to_datetime(date) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, one without a zone or out of range
        return 0.0
