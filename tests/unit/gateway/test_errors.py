"""A google.rpc.Status as JSON."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from gateway.errors import from_status
from gateway.messages import CATALOGUE, preferred, text
from gateway.status import HTTP_STATUS, code_of, detail, make_status


def status(code: grpc.StatusCode, message: str, *details: Any) -> status_pb2.Status:
    result = status_pb2.Status(code=code.value[0], message=message)
    for each in details:
        result.details.add().Pack(each)
    return result


def render(value: status_pb2.Status, **options: Any) -> Any:
    return from_status(value, "en", **{"realm": "r", "authorized": False, **options})


def test_every_code_has_an_http_status() -> None:
    assert set(HTTP_STATUS) == set(grpc.StatusCode)


def test_details_of_another_code_are_not_believed() -> None:
    other = status(grpc.StatusCode.NOT_FOUND, "x").SerializeToString()
    made = make_status(grpc.StatusCode.ABORTED, "y", (("grpc-status-details-bin", other),))
    assert (made.code, made.message) == (10, "y")


def test_details_that_can_not_be_read_are_no_details() -> None:
    made = make_status(grpc.StatusCode.ABORTED, "y", (("grpc-status-details-bin", b"\xff"),))
    assert (made.code, made.message) == (10, "y")
    broken = status(grpc.StatusCode.ABORTED, "y", error_details_pb2.ErrorInfo(reason="R"))
    broken.details[0].value = b"\xff"
    assert detail(broken, error_details_pb2.ErrorInfo) is None


def test_an_unknown_code_is_unknown() -> None:
    assert code_of(99) is grpc.StatusCode.UNKNOWN


def test_a_failure_that_says_ok_is_a_fault_of_the_server() -> None:
    answer = render(status(grpc.StatusCode.OK, "fine"))
    assert (answer.status, answer.detail) == (500, {"reason": "INTERNAL"})


def test_library_texts_are_not_shown_but_the_services_are() -> None:
    info = error_details_pb2.ErrorInfo(reason="VISION_UNAVAILABLE")
    assert render(status(grpc.StatusCode.UNAVAILABLE, "ours", info)).message == "ours"
    assert "tcp" not in render(status(grpc.StatusCode.UNAVAILABLE, "tcp handshake")).message


def test_metadata_can_not_replace_what_the_gateway_says() -> None:
    info = error_details_pb2.ErrorInfo(
        reason="R", metadata={"reason": "X", "limit": "y", "http_status": "x"}
    )
    quota = error_details_pb2.QuotaFailure()
    quota.violations.add(quota_value=3)
    answer = render(status(grpc.StatusCode.RESOURCE_EXHAUSTED, "m", info, quota))
    assert answer.status == 429
    assert answer.detail == {"reason": "R", "limit": 3}


def test_a_retry_without_a_quota_is_only_a_header() -> None:
    retry = error_details_pb2.RetryInfo()
    answer = render(status(grpc.StatusCode.UNAVAILABLE, "m", retry))
    assert answer.headers == {"retry-after": "1"}
    assert answer.detail == {"reason": "UNAVAILABLE"}


def test_an_empty_quota_or_bad_request_adds_nothing() -> None:
    empty = (error_details_pb2.QuotaFailure(), error_details_pb2.BadRequest())
    answer = render(status(grpc.StatusCode.INVALID_ARGUMENT, "m", *empty))
    assert answer.detail == {"reason": "INVALID_ARGUMENT"}


def test_a_challenge_tells_a_missing_token_from_a_bad_one() -> None:
    value = status(grpc.StatusCode.UNAUTHENTICATED, "")
    assert render(value).headers == {"www-authenticate": 'Bearer realm="r"'}
    bad = render(value, authorized=True).headers["www-authenticate"]
    assert bad == 'Bearer realm="r", error="invalid_token"'


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "ko"), ("en", "en"), ("en;q=0.3, ko", "ko"), ("ko-KR;q=0.2,en-US;q=0.9", "en"),
     ("en;q=0", "ko"), ("de", "ko"), ("EN", "en"), ("en;x=1", "en")],
)  # fmt: skip
def test_the_language_that_is_preferred(header: str, language: str) -> None:
    assert preferred(header) == language


def test_every_text_has_the_same_places_in_both_languages() -> None:
    for key, (korean, english) in CATALOGUE.items():
        assert set(_places(korean)) == set(_places(english)), key


def test_an_unknown_text_says_nothing_special() -> None:
    assert text("no such key", "en") == text("INTERNAL", "en")


def _places(template: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(template) if name]
