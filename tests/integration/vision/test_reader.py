"""From what a client sends to what the model sees."""

import asyncio
import base64
import io
from typing import Any

import pytest
from PIL import Image

from dietcare.errors import ImageProcessingError, InvalidImageURLError
from dietcare.local.simulator import serve_simulator
from dietcare.messages import Language
from dietcare.vision import picture as picture_module
from dietcare.vision.fetch import MAX_BYTES, ImageFetcher
from dietcare.vision.openai_model import OpenAIVisionModel
from dietcare.vision.picture import PictureNormaliser
from dietcare.vision.reader import WebPictureReader

SECRET = "홍길동".encode()
LATITUDE = 37.566535


def private_photo() -> bytes:
    """A photo that says who took it and where."""
    exif = Image.Exif()
    exif[0x013B] = "홍길동"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (37.0, 33.0, 59.5)
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">홍길동 {LATITUDE}</x:xmpmeta>'.encode()
    buffer = io.BytesIO()
    image = Image.radial_gradient("L").convert("RGB")
    image.save(buffer, "JPEG", exif=exif, xmp=xmp, comment="홍길동")
    return buffer.getvalue()


def reader() -> WebPictureReader:
    return WebPictureReader(ImageFetcher([]))


async def test_who_and_where_do_not_reach_the_model() -> None:
    data = private_photo()
    assert SECRET in data
    seen: list[Any] = []
    picture = await reader().from_bytes(data)
    async with serve_simulator(on_request=seen.append) as url:
        model = OpenAIVisionModel(api_key="k", model="m", base_url=url)
        await model.look(picture)
        await model.aclose()
    encoded = seen[0]["messages"][1]["content"][1]["image_url"]["url"].partition(",")[2]
    sent = base64.b64decode(encoded)
    assert sent.startswith(b"\xff\xd8\xff")
    for trace in (SECRET, b"Exif", b"xmp", b"GPS", str(LATITUDE).encode()):
        assert trace not in sent
    with Image.open(io.BytesIO(sent)) as image:
        assert dict(image.getexif()) == {}


async def test_the_url_never_reaches_the_model(host: Any, make_fetcher: Any, photo: bytes) -> None:
    host.answers("/private-name.jpg", "200 OK", photo)
    seen: list[Any] = []
    picture = await WebPictureReader(make_fetcher()).from_url(
        "https://pictures.example/private-name.jpg"
    )
    async with serve_simulator(on_request=seen.append) as url:
        model = OpenAIVisionModel(api_key="k", model="m", base_url=url)
        await model.look(picture)
        await model.aclose()
    assert "private-name" not in str(seen)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "field.image_type"),
        (b"<html>", "field.image_type"),
        (b"\xff\xd8\xff" + bytes(MAX_BYTES), "field.image_size"),
    ],
)
async def test_what_is_wrong_with_data_is_said_of_image_data(data: bytes, key: str) -> None:
    with pytest.raises(InvalidImageURLError) as error:
        await reader().from_bytes(data)
    (violation,) = error.value.violations
    assert (violation.field, violation.text.key) == ("image_data", key)


@pytest.mark.parametrize(
    ("language", "whole", "still"),
    [(Language.KO, "손상되지", "정지"), (Language.EN, "whole", "still")],
)
async def test_who_sends_a_broken_jpeg_is_not_told_that_it_must_be_a_jpeg_alone(
    photo: bytes, language: Language, whole: str, still: str
) -> None:
    with pytest.raises(InvalidImageURLError) as error:
        await reader().from_bytes(photo[: len(photo) // 2])
    said = error.value.violations[0].text.render(language)
    assert whole in said
    assert still in said


async def test_what_is_wrong_with_a_fetched_file_is_said_of_image_url(
    host: Any, make_fetcher: Any
) -> None:
    buffer = io.BytesIO()
    Image.new("1", (10_000, 5_001)).save(buffer, "PNG")
    for body, key in ((b"<html>", "field.image_type"), (buffer.getvalue(), "field.image_pixels")):
        host.answers("/x", "200 OK", body)
        with pytest.raises(InvalidImageURLError) as error:
            await WebPictureReader(make_fetcher()).from_url("https://pictures.example/x")
        (violation,) = error.value.violations
        assert (violation.field, violation.text.key) == ("image_url", key)


class CountedFile:
    """A file that counts how often it is read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.copies = 0

    def __len__(self) -> int:
        return len(self._data)

    def __bytes__(self) -> bytes:
        self.copies += 1
        return self._data


async def test_no_more_pictures_are_decoded_at_once_than_memory_allows(
    monkeypatch: pytest.MonkeyPatch, photo: bytes
) -> None:
    loop = asyncio.get_running_loop()
    started: asyncio.Queue[None] = asyncio.Queue()
    gate = asyncio.Event()

    def slow(data: bytes, **bounds: int) -> str:
        loop.call_soon_threadsafe(started.put_nowait, None)
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        return "done"

    monkeypatch.setattr(picture_module, "normalise", slow)
    normaliser = PictureNormaliser(concurrency=2)
    files = [CountedFile(photo) for _ in range(3)]
    calls = [asyncio.create_task(normaliser.normalise(each, "image_data")) for each in files]
    await started.get()
    await started.get()
    # Nor is there a copy of a file that waits.
    assert [each.copies for each in files] == [1, 1, 0]
    # A cancelled call's thread runs on: its slot is not free until it has ended.
    calls[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await calls[0]
    assert started.empty()
    gate.set()
    assert await asyncio.gather(*calls[1:]) == ["done", "done"]


async def test_too_little_memory_is_not_the_clients_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(data: bytes, **bounds: int) -> None:
        raise MemoryError

    monkeypatch.setattr(picture_module, "normalise", exhausted)
    with pytest.raises(ImageProcessingError):
        await reader().from_bytes(b"x")
