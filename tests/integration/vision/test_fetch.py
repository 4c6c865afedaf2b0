"""Pictures come from a real TLS server, or the right error does."""

import asyncio
import gzip
import os
import re
import socket
import ssl
from collections.abc import Sequence
from typing import Any

import pytest

from dietcare.errors import ImageProcessingError, InvalidImageURLError
from dietcare.vision.fetch import MAX_BYTES, ImageFetcher
from dietcare.vision.resolve import system_resolver

URL = "https://pictures.example/photo.jpg?signature=a%2Fb"
PATH = "/photo.jpg?signature=a%2Fb"


async def key_of_refusal(fetcher: ImageFetcher, url: str = URL) -> str:
    with pytest.raises(InvalidImageURLError) as error:
        await fetcher.fetch(url)
    (violation,) = error.value.violations
    assert violation.field == "image_url"
    return violation.text.key


async def test_a_picture_is_fetched_under_the_hosts_own_name(host: Any, make_fetcher: Any) -> None:
    host.answers(PATH, "200 OK", b"photo")
    assert await make_fetcher().fetch(f"{URL}#part") == b"photo"
    assert host.names == ["pictures.example"]
    (request,) = host.requests
    assert request.startswith(f"GET {PATH} HTTP/1.1\r\n".encode())
    assert re.search(rb"(?mi)^host: pictures\.example\r$", request)
    assert not re.search(rb"(?mi)^(cookie|authorization|referer):", request)


async def test_the_host_is_asked_for_once_and_the_checked_address_is_connected_to(
    host: Any, make_fetcher: Any
) -> None:
    """Who answers a public address first and an inner one then (DNS rebinding) gains nothing."""
    host.answers("/x", "200 OK", b"photo")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    asked: list[str] = []

    async def rebinding(name: str) -> Sequence[str]:
        asked.append(name)
        return next(answers)

    inner_guests: list[object] = []
    inner = await asyncio.start_server(
        lambda reader, writer: inner_guests.append(writer), "127.0.0.2", host.port
    )
    async with inner:
        fetcher = make_fetcher(resolver=rebinding)
        assert await fetcher.fetch("https://pictures.example/x") == b"photo"
        assert asked == ["pictures.example"]
        assert await key_of_refusal(fetcher, "https://pictures.example/x") == "field.image_url"
    assert inner_guests == []
    assert host.connections == 1


async def test_another_address_is_tried_when_the_first_does_not_answer(
    host: Any, contexts: Any
) -> None:
    host.answers("/x", "200 OK", b"photo")

    async def resolver(name: str) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.1"]

    fetcher = ImageFetcher(
        ["pictures.example"],
        resolver=resolver,
        ssl_context=contexts.client,
        address_allowed=lambda address: True,
        port=host.port,
    )
    assert await fetcher.fetch("https://pictures.example/x") == b"photo"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 T", "308 P"])
async def test_a_redirect_to_an_allowed_host_is_followed(
    status: str, host: Any, make_fetcher: Any
) -> None:
    host.answers("/a", status, b"", "location: https://eu.cdn.example/b")
    host.answers("/b", status, b"", "location: ../c?x=1")
    host.answers("/c?x=1", "200 OK", b"photo")
    assert await make_fetcher().fetch("https://pictures.example/a") == b"photo"
    assert host.names == ["pictures.example", "eu.cdn.example", "eu.cdn.example"]


@pytest.mark.parametrize(
    "location",
    [
        *("https://evil.example/x", "//evil.example/x", "http://pictures.example/x"),
        *(
            "https://127.0.0.1/x",
            "https://pictures.example:8443/",
            "file:///etc/passwd",
            "\\\\evil",
        ),
        "https://[",
        "https://[::1",
        "//[",
        "https://img.example\\@127.0.0.1/",
        "\\x00",
        "https://pictures.example/\tb",
        "ht\ttps://pictures.example/b",
    ],
)
async def test_a_redirect_off_the_list_is_refused(
    location: str, host: Any, make_fetcher: Any
) -> None:
    host.answers("/a", "302 Found", b"", f"location: {location}")
    assert await key_of_refusal(make_fetcher(), "https://pictures.example/a") == "field.image_url"
    assert host.connections == 1


async def test_a_redirect_is_resolved_and_checked_like_the_first_address(
    host: Any, make_fetcher: Any
) -> None:
    host.answers("/a", "302 Found", b"", "location: https://inner.cdn.example/b")

    async def resolver(name: str) -> Sequence[str]:
        return ["127.0.0.1" if name == "pictures.example" else "10.0.0.1"]

    fetcher = make_fetcher(resolver=resolver)
    assert await key_of_refusal(fetcher, "https://pictures.example/a") == "field.image_url"


async def test_the_fourth_redirect_is_refused(host: Any, make_fetcher: Any) -> None:
    host.answers("/a", "302 Found", b"", "location: /a")
    key = await key_of_refusal(make_fetcher(), "https://pictures.example/a")
    assert key == "field.image_missing"
    assert host.connections == 4


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone", "204 Empty"])
async def test_an_address_without_a_picture_is_the_clients_fault(
    status: str, host: Any, make_fetcher: Any
) -> None:
    host.answers(PATH, status)
    assert await key_of_refusal(make_fetcher()) == "field.image_missing"


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow", "408 Late"])
async def test_a_failing_host_is_not_the_clients_fault(
    status: str, host: Any, make_fetcher: Any
) -> None:
    host.answers(PATH, status)
    with pytest.raises(ImageProcessingError):
        await make_fetcher().fetch(URL)


async def test_a_redirect_to_nowhere_is_refused(host: Any, make_fetcher: Any) -> None:
    host.answers(PATH, "302 Found")
    assert await key_of_refusal(make_fetcher()) == "field.image_missing"
    assert host.connections == 1


async def test_what_a_host_has_compressed_unasked_is_not_unpacked(
    host: Any, make_fetcher: Any
) -> None:
    bomb = gzip.compress(bytes(5 * MAX_BYTES))
    host.answers(PATH, "200 OK", bomb, "content-encoding: gzip")
    assert await make_fetcher().fetch(URL) == bomb


async def test_a_connection_that_breaks_below_http_is_the_hosts_fault(
    host: Any, make_fetcher: Any
) -> None:
    """A record that is none of the session's is an error of ssl's own: httpx2 passes it on."""

    async def forged(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nphoto")
        await writer.drain()
        record = b"\x17\x03\x03\x00\x20" + bytes(32)
        os.write(writer.get_extra_info("socket").fileno(), record)  # past TLS

    host.handlers[PATH.encode()] = forged
    with pytest.raises(ImageProcessingError):
        await make_fetcher().fetch(URL)


async def test_ten_megabytes_are_the_most_said_or_unsaid(host: Any, make_fetcher: Any) -> None:
    host.answers("/most", "200 OK", bytes(MAX_BYTES))
    assert len(await make_fetcher().fetch("https://pictures.example/most")) == MAX_BYTES
    host.answers("/said", "200 OK", bytes(MAX_BYTES + 1))
    key = await key_of_refusal(make_fetcher(), "https://pictures.example/said")
    assert key == "field.image_size"

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(bytes(1_000_000))
            await writer.drain()

    host.handlers[b"/endless"] = endless
    key = await key_of_refusal(make_fetcher(), "https://pictures.example/endless")
    assert key == "field.image_size"


async def test_a_host_that_is_slow_in_any_way_is_given_up(host: Any, make_fetcher: Any) -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def trickling(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await asyncio.wait_for(writer.drain(), 1)
            await asyncio.sleep(0.05)

    stalling, lasting = make_fetcher(stall_s=0.2), make_fetcher(total_s=0.5)
    for handler, fetcher in ((silent, stalling), (silent, lasting), (trickling, lasting)):
        host.handlers[PATH.encode()] = handler
        with pytest.raises(ImageProcessingError):
            async with asyncio.timeout(10):  # else it would hang and not fail
                await fetcher.fetch(URL)


@pytest.mark.parametrize(
    "response", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nshort"]
)
async def test_a_host_that_speaks_no_proper_http_is_given_up(
    response: bytes, host: Any, make_fetcher: Any
) -> None:
    async def handler(writer: asyncio.StreamWriter) -> None:
        writer.write(response)

    host.handlers[PATH.encode()] = handler
    with pytest.raises(ImageProcessingError):
        await make_fetcher().fetch(URL)


async def test_a_certificate_for_another_name_is_not_accepted(host: Any, make_fetcher: Any) -> None:
    host.answers("/x", "200 OK", b"photo")
    with pytest.raises(ImageProcessingError):
        await make_fetcher("other.example").fetch("https://other.example/x")
    assert host.requests == []


async def test_an_unknown_authority_is_not_accepted(host: Any, contexts: Any) -> None:
    async def resolver(name: str) -> Sequence[str]:
        return ["127.0.0.1"]

    fetcher = ImageFetcher(
        ["pictures.example"],
        resolver=resolver,
        address_allowed=lambda address: True,
        port=host.port,
    )
    with pytest.raises(ImageProcessingError) as error:
        await fetcher.fetch("https://pictures.example/x")
    assert not isinstance(error.value.__cause__, ssl.SSLError)
    assert host.requests == []


async def test_a_name_that_does_not_exist_is_the_clients_fault(make_fetcher: Any) -> None:
    async def resolver(name: str) -> Sequence[str]:
        return []

    assert await key_of_refusal(make_fetcher(resolver=resolver)) == "field.image_missing"


async def test_nobody_listening_is_the_hosts_fault(contexts: Any) -> None:
    async def resolver(name: str) -> Sequence[str]:
        return ["127.0.0.1"]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    fetcher = ImageFetcher(
        ["pictures.example"], resolver=resolver, address_allowed=lambda address: True, port=port
    )
    with pytest.raises(ImageProcessingError):
        await fetcher.fetch(URL)


async def plain_server(response: bytes) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


async def test_own_samples_are_fetched_plainly_in_development() -> None:
    async with await plain_server(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nphoto") as server:
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        fetcher = ImageFetcher([], own_samples_origin=origin)
        assert await fetcher.fetch(f"{origin}/samples/bibimbap.jpg") == b"photo"
        assert await key_of_refusal(fetcher, f"{origin}/secret.jpg") == "field.image_url"


async def test_own_samples_do_not_redirect() -> None:
    response = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n"
    async with await plain_server(response) as server:
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        fetcher = ImageFetcher([], own_samples_origin=origin)
        key = await key_of_refusal(fetcher, f"{origin}/samples/bibimbap.jpg")
        assert key == "field.image_missing"


async def test_the_system_resolves_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "127.0.0.1" in await system_resolver("localhost")
    errors = iter([socket.gaierror(socket.EAI_NONAME, ""), socket.gaierror(socket.EAI_AGAIN, "")])

    async def failing(*args: object, **kwargs: object) -> None:
        raise next(errors, OSError("no network"))

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", failing)
    assert await system_resolver("nowhere.example") == ()
    for _ in range(2):
        with pytest.raises(ImageProcessingError):
            await system_resolver("pictures.example")
