"""Section 8.2 of the architecture: one shape for every error, at every layer."""

import base64
import gzip
import re

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")

REQUEST_ID = re.compile(r"req_[A-Za-z0-9._-]+")
MEGABYTE = 1024 * 1024


def is_error(answer, status, reason, json_of):
    """Exactly the four names of section 8.2; returns `detail`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = json_of(answer.content)
    assert list(body) == ["error_code", "message", "detail", "request_id"]
    assert body["error_code"] == status
    assert isinstance(body["message"], str)
    assert body["message"]
    assert body["detail"]["reason"] == reason
    assert REQUEST_ID.fullmatch(body["request_id"])
    assert answer.headers["x-request-id"] == body["request_id"]
    return body["detail"]


def fields_of(detail):
    for each in detail["fields"]:
        assert set(each) == {"field", "message"}
        assert each["message"]
    return [each["field"] for each in detail["fields"]]


async def test_8_2_the_eleventh_analysis_of_an_hour(patient, photo, at, json_of):
    at("2025-11-27T10:00:00Z")
    for remaining in range(9, -1, -1):
        image = base64.b64encode(photo("bibimbap")).decode()
        answer = await patient.post("/analyze", {"image_data": image})
        assert answer.status_code == 200, answer.text
        assert answer.json()["analysis"]["remaining_analyses"] == remaining
        assert answer.headers["x-ratelimit-limit"] == "10"
        assert answer.headers["x-ratelimit-remaining"] == str(remaining)
        assert answer.headers["x-ratelimit-reset"] == "1764241200"

    at("2025-11-27T10:30:00Z")
    body = {"image_data": base64.b64encode(photo("bibimbap")).decode()}
    answer = await patient.request(
        "POST", "/analyze", json=body, headers={"x-request-id": "req_abc123"}
    )

    assert answer.status_code == 429
    assert json_of(answer.content) == {
        "error_code": 429,
        "message": "시간당 분석 한도를 초과했습니다",
        "detail": {
            "reason": "ANALYSIS_LIMIT_EXCEEDED",
            "limit": 10,
            "reset_at": "2025-11-27T11:00:00Z",
            "remaining_time_seconds": 1800,
        },
        "request_id": "req_abc123",
    }
    assert "시간당 분석 한도를 초과했습니다" in answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == "req_abc123"
    assert answer.headers["retry-after"] == "1800"
    assert answer.headers["x-ratelimit-limit"] == "10"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["x-ratelimit-reset"] == "1764241200"

    at("2025-11-27T11:00:00Z")
    answer = await patient.post("/analyze", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["analysis"]["remaining_analyses"] == 9


async def test_429_is_written_in_english_where_that_is_preferred(patient, at):
    at("2025-11-27T10:00:00Z")
    for _ in range(10):
        assert (await patient.put("/goals", {"ckd_stage": "3"})).status_code == 200

    english = {"accept-language": "en-GB,en;q=0.9,ko;q=0.1"}
    answer = await patient.request("PUT", "/goals", json={"ckd_stage": "3"}, headers=english)

    assert answer.status_code == 429
    assert answer.json()["message"] == "The daily limit of goal updates is reached"
    assert answer.json()["detail"] == {
        "reason": "GOAL_UPDATE_LIMIT_EXCEEDED",
        "limit": 10,
        "reset_at": "2025-11-28T00:00:00Z",
        "remaining_time_seconds": 50400,
    }
    assert answer.headers["retry-after"] == "50400"


async def test_401_without_a_token_and_with_a_bad_one(http, json_of):
    answer = await http.get("/api/diet/streak")
    is_error(answer, 401, "UNAUTHENTICATED", json_of)
    assert answer.headers["www-authenticate"] == 'Bearer realm="dietcare"'

    for bad in (b"Bearer nonsense", "Bearer é".encode()):
        answer = await http.get("/api/diet/streak", headers={b"authorization": bad})
        is_error(answer, 401, "UNAUTHENTICATED", json_of)
        told = answer.headers["www-authenticate"]
        assert told == 'Bearer realm="dietcare", error="invalid_token"'


async def test_403_for_another_user_whether_or_not_they_exist(patient, new_patient, json_of):
    known = new_patient()
    await known.put("/goals", {"ckd_stage": "3"})

    existing = await patient.get("/goals", user_id=known.id)
    unknown = await patient.get("/goals", user_id=new_patient().id)

    assert is_error(existing, 403, "PERMISSION_DENIED", json_of) == is_error(
        unknown, 403, "PERMISSION_DENIED", json_of
    )
    assert existing.json()["message"] == unknown.json()["message"]


@pytest.mark.parametrize("path", ["/", "/api/diet", "/api/diet/nothing", "/api/v2/diet/meals"])
async def test_404_at_an_address_that_does_not_exist(path, http, json_of):
    is_error(await http.get(path), 404, "ROUTE_NOT_FOUND", json_of)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/diet/meals", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("POST", "/api/diet/goals", {"GET", "HEAD", "PUT", "OPTIONS"}),
        ("GET", "/api/diet/analyze", {"POST", "OPTIONS"}),
        ("POST", "/livez", {"GET", "HEAD", "OPTIONS"}),
    ],
)
async def test_405_says_what_is_allowed(method, path, allowed, http, json_of):
    answer = await http.request(method, path)

    is_error(answer, 405, "METHOD_NOT_ALLOWED", json_of)
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_413_for_a_body_of_more_than_16_megabytes(patient, json_of):
    plain = b'{"note": "' + b"a" * (16 * MEGABYTE) + b'"}'
    headers = {"content-type": "application/json"}

    answer = await patient.request("POST", "/meals", content=plain, headers=headers)
    is_error(answer, 413, "TOO_LARGE", json_of)

    headers["content-encoding"] = "gzip"
    packed = gzip.compress(plain, 1)
    answer = await patient.request("POST", "/meals", content=packed, headers=headers)
    is_error(answer, 413, "TOO_LARGE", json_of)


async def test_414_for_an_address_of_more_than_16_kilobytes(patient, json_of):
    answer = await patient.get("/foods", query="a" * 16 * 1024)

    is_error(answer, 414, "URI_TOO_LONG", json_of)


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=euc-kr"},
        {"content-type": "application/json", "content-encoding": "br"},
    ],
)
async def test_415_for_anything_but_json_in_utf_8(headers, patient, json_of):
    answer = await patient.request("POST", "/meals", content=b"{}", headers=headers)

    is_error(answer, 415, "UNSUPPORTED_MEDIA_TYPE", json_of)


@pytest.mark.parametrize("path", ["/api/diet/streak", "/api/diet/goals", "/api/nothing", "/livez"])
async def test_a_request_id_comes_back_in_every_answer(path, patient, http):
    headers = {"x-request-id": "trace-1.2_A", "authorization": f"Bearer {patient.token}"}

    answer = await http.get(path, headers=headers)

    assert answer.headers["x-request-id"] == "trace-1.2_A"
    if answer.status_code >= 400:
        assert answer.json()["request_id"] == "trace-1.2_A"


@pytest.mark.parametrize("unusable", ["a b", "x" * 129, "한국", ""])
async def test_an_unusable_request_id_is_replaced(unusable, patient):
    headers = {"x-request-id": unusable.encode()}

    answer = await patient.request("GET", "/streak", headers=headers)

    assert re.fullmatch("req_[0-9a-f]+", answer.headers["x-request-id"])
