"""Answers are compressed as the client would rather have them, and say what they vary by."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import brotli
import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")

JSON = {"content-type": "application/json"}
INFLATE: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "identity": bytes,
}


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, br", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("gzip;q=0.8, br;q=0.80", "br"),
        ("*", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("GZIP", "gzip"),
        ("identity;q=0.5, gzip;q=0.4, *;q=0", "identity"),
        ("gzip;q=0, br;q=0.000", "identity"),
        ("gzip;q=2", "identity"),
        ("deflate, zstd", "identity"),
        ("", "identity"),
    ],
)
@pytest.mark.parametrize("length", [1024, 300_000])
async def test_an_answer_is_compressed_as_the_client_would_rather_have_it(
    asgi: Any, tcp: Any, accept: str, coding: str, length: int
) -> None:
    body = json.dumps({"title": "가" * length}, ensure_ascii=False).encode()
    for client in (asgi, tcp):
        answer = await client.send("POST", "/v1/echo", {**JSON, "accept-encoding": accept}, body)
        assert answer.headers.get("content-encoding", "identity") == coding
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.headers["vary"] == "origin, accept-encoding"
        assert json.loads(INFLATE[coding](answer.body))["title"] == "가" * length


async def test_pictures_are_not_compressed_again(asgi: Any) -> None:
    data = "A" * 4000
    headers = {"accept-encoding": "br, gzip"}
    for media, coding in (("image/png", None), ("text/csv;header=absent", "br")):
        target = f"/v1/download?content_type={media}&data={data}"
        answer = await asgi.send("GET", target, headers)
        assert answer.headers.get("content-encoding") == coding
        assert answer.headers["vary"] == ("origin, accept-encoding" if coding else "origin")
        assert INFLATE[coding or "identity"](answer.body) == bytes(3000)


async def test_head_tells_the_length_of_what_get_sends(asgi: Any) -> None:
    target = f"/v1/books?query={'x' * 2000}"
    headers = {"accept-encoding": "br"}
    get = await asgi.send("GET", target, headers)
    head = await asgi.send("HEAD", target, headers)
    assert get.headers["content-encoding"] == head.headers["content-encoding"] == "br"
    assert head.headers["content-length"] == str(len(get.body))
    assert head.body == b""


async def test_what_did_not_change_varies_as_what_would_have_been_sent(asgi: Any) -> None:
    target = f"/v1/download?content_type=text/csv&data={'A' * 4000}"
    headers = {"accept-encoding": "br", "if-none-match": '"d"'}
    answer = await asgi.send("GET", target, headers)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["vary"] == "origin, accept-encoding"
    assert "content-encoding" not in answer.headers


async def test_varying_answers_say_all_that_they_vary_by(asgi: Any) -> None:
    body = json.dumps({"title": "x" * 2000}).encode()
    headers = {**JSON, "origin": "https://app.example"}
    answer = await asgi.send("POST", "/v1/echo", headers, body)
    assert answer.headers["vary"] == "origin, accept-encoding"
