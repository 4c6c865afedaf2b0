"""Addresses that must lead nowhere: refused as the client's fault, and nothing is connected to."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from dietcare.errors import InvalidImageURLError
from dietcare.vision.fetch import ImageFetcher

HOSTILE = [
    # Other schemes, other ports, user info.
    *("http://pictures.example/x", "ftp://pictures.example/x", "file:///etc/passwd", "data:,x"),
    *(
        "gopher://pictures.example/x",
        "//pictures.example/x",
        "pictures.example/x",
        "",
        " ",
        "https:",
    ),
    *("https://pictures.example:8443/x", "https://pictures.example:0443/x"),
    *("https://pictures.example:/x", "https://pictures.example:80/x", "https:/pictures.example/x"),
    *(
        "https://user@pictures.example/x",
        "https://a:b@pictures.example/",
        "https://@pictures.example",
    ),
    # The host is another one, depending on who reads it.
    *(
        "https://evil.example/x",
        "https://pictures.example.evil.example/",
        "https://evilpictures.example",
    ),
    *("https://pictures.example@127.0.0.1/", "https://127.0.0.1#@pictures.example/"),
    *("https://127.0.0.1\\@pictures.example/", "https://pictures.example\\@127.0.0.1/"),
    *("https://pictures.example%2f@127.0.0.1/", "https://127.0.0.1?@pictures.example/"),
    *(
        "https://pictures.example\t.evil.example/",
        "https://pictures.example\n/",
        "\nhttps://a.example",
    ),
    *(
        " https://pictures.example/x",
        "https://pictures.example/x y",
        "https://pictures.example/\r\nX: y",
    ),
    *("https://pictures。example/x", "https://ⓟictures.example/x", "https://pictures.example\0/x"),
    *("https://pictures.example./x", "https://.pictures.example/x", "https://cdn.example/x"),
    *("https:///pictures.example/x", "https:\\\\pictures.example\\x", "https://한국.example/x"),
    # Address literals in every notation.
    *("https://127.0.0.1/x", "https://127.1/x", "https://2130706433/x", "https://0x7f000001/x"),
    *("https://0x7f.0.0.1/x", "https://0177.0.0.1/x", "https://017700000001/x", "https://0/x"),
    *("https://①②⑦.⓪.⓪.①/x", "https://127.0.0.1./x", "https://[::1]/x", "https://[::]/x"),
    *("https://[::ffff:127.0.0.1]/x", "https://[::ffff:7f00:1]/x", "https://[64:ff9b::7f00:1]/x"),
    *("https://[fe80::1%25lo]/x", "https://[2002:7f00:1::]/x", "https://169.254.169.254/latest/"),
    *("https://10.0.0.1/", "https://192.168.0.1/", "https://172.16.0.1/", "https://100.64.0.1/"),
    *(
        "https://localhost/x",
        "https://localhost.localdomain/x",
        "https://metadata.google.internal/",
    ),
    # The service's own samples, only here and only as they are.
    *("http://127.0.0.1:8080/samples/x.jpg", "http://localhost/samples/x.jpg"),
]


@pytest.fixture
async def silent_port() -> AsyncIterator[tuple[int, list[object]]]:
    """A port of 127.0.0.1, and who connected to it."""
    guests: list[object] = []

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guests.append(writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], guests
    server.close()
    await server.wait_closed()


async def loopback(host: str) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_address_is_refused_and_nothing_is_connected_to(
    url: str, silent_port: tuple[int, list[object]]
) -> None:
    port, guests = silent_port
    fetcher = ImageFetcher(
        ["pictures.example", "*.cdn.example"],
        resolver=loopback,
        address_allowed=lambda address: True,
        port=port,
    )
    with pytest.raises(InvalidImageURLError) as error:
        await fetcher.fetch(url)
    (violation,) = error.value.violations
    assert (violation.field, violation.text.key) == ("image_url", "field.image_url")
    assert guests == []


PRIVATE = [
    *("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0"),
    *("::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1%lo"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "fd00::1", "ff02::1", "224.0.0.1", "255.255.255.255"),
]


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("others", [[], ["8.8.8.8"]], ids=["alone", "after a public one"])
async def test_a_name_with_an_address_inside_is_refused(
    address: str, others: list[str], silent_port: tuple[int, list[object]]
) -> None:
    port, guests = silent_port

    async def resolver(host: str) -> Sequence[str]:
        return [*others, address]

    fetcher = ImageFetcher(["pictures.example"], resolver=resolver, port=port)
    with pytest.raises(InvalidImageURLError):
        await fetcher.fetch("https://pictures.example/x")
    assert guests == []


async def test_with_no_hosts_allowed_everything_is_refused() -> None:
    with pytest.raises(InvalidImageURLError):
        await ImageFetcher([]).fetch("https://pictures.example/x")
