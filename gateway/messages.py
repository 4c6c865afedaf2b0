"""What the gateway says to people, in Korean (the default) and English."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from gateway.negotiation import weights

Language = Literal["ko", "en"]

# key: (Korean, English). Upper-case keys are reasons of errors, the others concern one field.
CATALOGUE: dict[str, tuple[str, str]] = {
    "INVALID_ARGUMENT": ("요청이 올바르지 않습니다.", "The request is not valid."),
    "UNAUTHENTICATED": ("로그인이 필요합니다.", "Valid credentials are required."),
    "PERMISSION_DENIED": ("권한이 없습니다.", "You may not do this."),
    "NOT_FOUND": ("찾을 수 없습니다.", "Not found."),
    "ALREADY_EXISTS": ("이미 존재합니다.", "It exists already."),
    "ABORTED": (
        "다른 요청과 충돌했습니다. 다시 시도해 주세요.",
        "Another request was in the way; please try again.",
    ),
    "FAILED_PRECONDITION": (
        "지금 상태에서는 처리할 수 없습니다.",
        "This is not possible in the present state.",
    ),
    "OUT_OF_RANGE": ("허용 범위를 벗어났습니다.", "Out of range."),
    "RESOURCE_EXHAUSTED": (
        "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
        "Too many requests; please try again later.",
    ),
    "CANCELLED": ("요청이 취소되었습니다.", "The request was cancelled."),
    "ROUTE_NOT_FOUND": ("존재하지 않는 주소입니다.", "There is nothing at this address."),
    "METHOD_NOT_ALLOWED": (
        "이 주소에서 지원하지 않는 메서드입니다.",
        "This address does not support the method.",
    ),
    "URI_TOO_LONG": ("주소가 너무 깁니다.", "The address is too long."),
    "OVERLOADED": (
        "지금은 요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
        "There are too many requests at the moment; please try again shortly.",
    ),
    "UNSUPPORTED_MEDIA_TYPE": (
        "지원하지 않는 형식입니다. UTF-8 JSON(application/json)으로 보내 주세요.",
        "Unsupported media type; send application/json in UTF-8.",
    ),
    "HEADERS_TOO_LARGE": ("요청 헤더가 너무 큽니다.", "The headers are too large."),
    "TOO_LARGE": ("요청 본문이 너무 큽니다.", "The body is too large."),
    "REQUEST_TIMEOUT": (
        "요청이 제때 도착하지 않았습니다.",
        "The request did not arrive in time.",
    ),
    "UNAVAILABLE": (
        "일시적으로 이용할 수 없습니다. 잠시 후 다시 시도해 주세요.",
        "Temporarily unavailable; please try again later.",
    ),
    "DEADLINE_EXCEEDED": ("제한 시간을 넘겼습니다.", "The call took longer than it may."),
    "UNIMPLEMENTED": ("지원하지 않는 기능입니다.", "This is not implemented."),
    "INTERNAL": (
        "서버에 문제가 생겼습니다. 잠시 후 다시 시도해 주세요.",
        "Something went wrong on our side; please try again later.",
    ),
    "json_syntax": (
        "JSON 문법이 올바르지 않습니다 ({line}번째 줄 {column}번째 글자)",
        "not valid JSON (line {line}, column {column})",
    ),
    "json_utf8": ("UTF-8이 아닙니다", "not valid UTF-8"),
    "json_duplicate": ("같은 이름이 두 번 있습니다", "the name appears twice"),
    "json_values": ("값이 {limit}개보다 많습니다", "more than {limit} names and values"),
    "http": ("올바른 HTTP 요청이 아닙니다", "not a valid HTTP request"),
    "json_depth": ("{limit}단계보다 깊습니다", "nested deeper than {limit} levels"),
    "unknown_field": ("알 수 없는 필드입니다", "unknown field"),
    "unknown_field_near": (
        "알 수 없는 필드입니다. 혹시 {suggestion}인가요?",
        "unknown field; did you mean {suggestion}?",
    ),
    "unknown_parameter": ("알 수 없는 매개변수입니다", "unknown parameter"),
    "unknown_parameter_near": (
        "알 수 없는 매개변수입니다. 혹시 {suggestion}인가요?",
        "unknown parameter; did you mean {suggestion}?",
    ),
    "expected_object": ("객체여야 합니다", "must be an object"),
    "expected_list": ("배열이어야 합니다", "must be a list"),
    "expected_string": ("문자열이어야 합니다", "must be a string"),
    "expected_number": ("숫자여야 합니다", "must be a number"),
    "expected_integer": ("정수여야 합니다", "must be an integer"),
    "expected_boolean": ("true 또는 false여야 합니다", "must be true or false"),
    "expected_value": ("null일 수 없습니다", "must not be null"),
    "expected_base64": ("base64 문자열이어야 합니다", "must be base64"),
    "expected_instant": (
        "2025-11-27T09:30:00Z처럼 시간대가 있는 RFC 3339 시각이어야 합니다",
        "must be an RFC 3339 instant with an offset, like 2025-11-27T09:30:00Z",
    ),
    "expected_duration": ("3.5s처럼 초 단위여야 합니다", "must be seconds, like 3.5s"),
    "expected_mask": (
        "쉼표로 나눈 필드 이름이어야 합니다",
        "must be field names divided by commas",
    ),
    "expected_enum": ("다음 중 하나여야 합니다: {allowed}", "must be one of {allowed}"),
    "out_of_range": (
        "{low}부터 {high}까지여야 합니다",
        "must be from {low} to {high}",
    ),
    "oneof": ("{other}와(과) 함께 쓸 수 없습니다", "can not be given together with {other}"),
    "empty": ("비어 있을 수 없습니다", "must not be empty"),
    "twice": ("한 번만 보낼 수 있습니다", "may be given only once"),
    "not_utf8": ("올바른 UTF-8 퍼센트 인코딩이 아닙니다", "not valid percent-encoded UTF-8"),
    "path_conflict": (
        "주소에 있는 값과 다릅니다",
        "contradicts the value in the path",
    ),
    "unexpected_body": ("본문을 받지 않는 요청입니다", "this request takes no body"),
    "compressed": ("gzip 데이터가 올바르지 않습니다", "not valid gzip data"),
    "header": ("헤더 값이 올바르지 않습니다", "the header is not valid"),
    "header_twice": ("헤더는 한 번만 보낼 수 있습니다", "the header may be sent only once"),
}


def text(key: str, language: Language, params: Mapping[str, str] | None = None) -> str:
    """The text for `key`; an unknown key gives the one for INTERNAL."""
    korean, english = CATALOGUE.get(key) or CATALOGUE["INTERNAL"]
    template = korean if language == "ko" else english
    return template.format_map(params) if params else template


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> Language:
    """The language that an Accept-Language header prefers, RFC 9110 §12.5.4; Korean on a tie."""
    best: dict[str, float] = {}
    for tag, weight in weights(accept_language).items():
        name = tag.split("-")[0]
        best[name] = max(best.get(name, 0.0), weight)
    return "en" if best.get("en", 0.0) > best.get("ko", 0.0) else "ko"
