"""Every acceptable picture becomes the same kind, and nothing of it but pixels."""

import hashlib
import io
import struct
import zlib
from typing import Any

import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from dietcare.vision import pixels
from dietcare.vision.pixels import NotAPictureError, TooManyPixelsError, normalise
from dietcare.vision.port import Picture

RED, BLUE = (200, 30, 30), (30, 30, 200)


def two_halves(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def heic(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, **options)
    return buffer.getvalue()


def decoded(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.jpeg))
    image.load()
    return image


def near(image: Image.Image, at: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    seen: Any = image.getpixel(at)
    return all(abs(a - b) < 20 for a, b in zip(seen, colour, strict=True))


@pytest.mark.parametrize(
    "data",
    [
        encoded(two_halves(), "JPEG"),
        encoded(two_halves(), "PNG"),
        encoded(two_halves(), "WEBP"),
        encoded(two_halves().quantize(), "PNG"),
        encoded(two_halves().convert("CMYK"), "JPEG"),
        encoded(two_halves(), "MPO", save_all=True, append_images=[two_halves()]),
        heic(two_halves()),
    ],
    ids=["jpeg", "png", "webp", "palette", "cmyk", "mpo", "heic"],
)
def test_each_kind_becomes_an_upright_rgb_jpeg(data: bytes) -> None:
    picture = normalise(data)
    image = decoded(picture)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (80, 40))
    assert near(image, (10, 20), RED)
    assert near(image, (70, 20), BLUE)
    assert len(picture.pixel_hash) == 64


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation: int, kind: str) -> None:
    undo = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    stored = two_halves()
    if undo in pixels.UPRIGHT:
        stored = stored.transpose(pixels.UPRIGHT[undo])
    exif = Image.Exif()
    exif[pixels.ORIENTATION] = orientation
    image = decoded(normalise(encoded(stored, kind, exif=exif, quality=95)))
    assert image.size == (80, 40)
    assert near(image, (10, 20), RED)
    assert near(image, (70, 20), BLUE)


@pytest.mark.parametrize("orientation", [0, 9, 99, 65_535])
def test_an_orientation_that_there_is_not_turns_nothing(orientation: int) -> None:
    exif = Image.Exif()
    exif[pixels.ORIENTATION] = orientation
    image = decoded(normalise(encoded(two_halves(), "JPEG", exif=exif)))
    assert near(image, (10, 20), RED)
    assert image.size == (80, 40)


def test_a_heic_is_not_turned_twice() -> None:
    exif = Image.Exif()
    exif[pixels.ORIENTATION] = 6
    image = decoded(normalise(heic(two_halves(), exif=exif.tobytes())))
    turned = image.size == (40, 80)
    assert turned or image.size == (80, 40)
    assert near(image, (20, 10) if turned else (10, 20), RED)


def test_a_large_picture_is_scaled_to_its_long_side() -> None:
    assert decoded(normalise(encoded(two_halves((3_000, 1_500)), "JPEG"))).size == (1_024, 512)
    assert decoded(normalise(encoded(two_halves((500, 2_000)), "PNG"))).size == (256, 1_024)
    assert decoded(normalise(encoded(two_halves((5_000, 2)), "PNG"))).size == (1_024, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_how_long_the_long_side_is_can_be_chosen(kind: str) -> None:
    picture = normalise(encoded(two_halves((2_000, 1_000)), kind), long_side_px=256)
    image = decoded(picture)
    assert image.size == (256, 128)
    assert near(image, (10, 64), RED)
    assert near(image, (246, 64), BLUE)


@pytest.mark.parametrize(("kind", "most"), [("JPEG", 3_200), ("PNG", 3_200), ("WEBP", 6_400)])
def test_how_many_pixels_are_too_many_can_be_chosen(kind: str, most: int) -> None:
    """A WebP of as many pixels takes twice the memory: half as many are too many."""
    data = encoded(two_halves((80, 40)), kind)
    with pytest.raises(TooManyPixelsError):
        normalise(data, max_pixels=most - 1)
    assert normalise(data, max_pixels=most)


def test_heic_has_the_same_bounds() -> None:
    with pytest.raises(TooManyPixelsError):
        normalise(heic(two_halves()), max_pixels=80 * 40 - 1)
    assert decoded(normalise(heic(two_halves()), long_side_px=64)).size == (64, 32)


@pytest.mark.parametrize("size", [(4_000, 40), (40, 4_000), (8_200, 10)])
def test_a_long_jpeg_is_decoded_at_no_less_than_it_is_scaled_to(size: tuple[int, int]) -> None:
    assert max(decoded(normalise(encoded(two_halves(size), "JPEG"))).size) == 1_024


def test_transparency_is_on_white() -> None:
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert near(decoded(normalise(encoded(clear, "PNG"))), (4, 4), (255, 255, 255))
    keyed = Image.new("L", (8, 8), 7)
    assert near(decoded(normalise(encoded(keyed, "PNG", transparency=7))), (4, 4), (255,) * 3)
    palette = Image.new("P", (8, 8), 0)
    assert near(decoded(normalise(encoded(palette, "PNG", transparency=0))), (4, 4), (255,) * 3)


def test_sixteen_bits_become_eight() -> None:
    grey = Image.new("I;16", (8, 8), 128 * 256)
    assert near(decoded(normalise(encoded(grey, "PNG"))), (4, 4), (128,) * 3)


def test_the_same_pixels_have_the_same_hash_whatever_is_said_about_them() -> None:
    plain = encoded(two_halves(), "PNG")
    note = PngImagePlugin.PngInfo()
    note.add_text("Author", "홍길동")
    assert (
        normalise(plain).pixel_hash
        == normalise(encoded(two_halves(), "PNG", pnginfo=note)).pixel_hash
    )
    assert normalise(plain).pixel_hash != normalise(encoded(two_halves((40, 80)), "PNG")).pixel_hash


def saved(kind: str, **metadata: Any) -> bytes:
    return (
        heic(two_halves(), **metadata)
        if kind == "HEIC"
        else encoded(two_halves(), kind, **metadata)
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_no_metadata_is_left(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET description"
    exif.get_ifd(0x8825)[1] = "N"
    more: dict[str, Any] = {"xmp": b"<x>SECRET</x>"}
    if kind == "JPEG":
        more |= {"comment": b"SECRET", "icc_profile": b"SECRET profile" * 20}
    if kind == "PNG":
        note = PngImagePlugin.PngInfo()
        note.add_text("Author", "SECRET")
        more = {"pnginfo": note}
    data = saved(kind, exif=exif.tobytes(), **more)
    assert data.count(b"SECRET") > 1
    picture = normalise(data)
    assert b"SECRET" not in picture.jpeg
    assert b"Exif" not in picture.jpeg
    assert set(decoded(picture).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert picture.pixel_hash == normalise(saved(kind)).pixel_hash


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_broken_exif_does_not_spoil_a_good_picture() -> None:
    head = b"Exif\0\0MM\0*"
    text_for_a_number = head + struct.pack(">IHHHI4sI", 8, 1, pixels.ORIENTATION, 2, 4, b"abc", 0)
    for exif in (head + b"\xff\xff\xff\xff", text_for_a_number):
        assert decoded(normalise(encoded(two_halves(), "JPEG", exif=exif))).size == (80, 40)


def frames() -> list[Image.Image]:
    return [Image.new("RGB", (8, 8), (0, 0, shade)) for shade in (10, 90)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\0\0\0\x18ftypheic" + b"\0" * 60,
        b"\0\0\0\x18ftypmp42" + b"\0" * 60,
        encoded(two_halves(), "JPEG")[:-200],
        encoded(two_halves(), "PNG")[:-60],
        encoded(two_halves(), "WEBP")[:60],
        heic(two_halves())[:-200],
        encoded(two_halves(), "GIF"),
        encoded(two_halves(), "BMP"),
        encoded(two_halves(), "TIFF"),
        encoded(two_halves(), "AVIF"),
        encoded(frames()[0], "PNG", save_all=True, append_images=frames()[1:]),
        encoded(frames()[0], "WEBP", save_all=True, append_images=frames()[1:]),
    ],
)
def test_what_is_no_still_picture_of_the_four_kinds_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPictureError):
        normalise(data)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_png_whose_pixels_are_damaged_is_refused_and_not_half_black(share: float) -> None:
    data = bytearray(encoded(Image.effect_noise((200, 100), 60), "PNG"))
    data[int(len(data) * share)] ^= 0xFF
    with pytest.raises(NotAPictureError):
        normalise(bytes(data))


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_001, 1_000), (10_000, 10_000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(TooManyPixelsError):
        normalise(bomb(*size))


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def grey_of_scans(number: int) -> bytes:
    """A progressive JPEG of 8 × 8 pixels that is gone over again and again, with nothing new."""
    one_code = bytes([1, *[0] * 15, 0])
    first = segment(0xDA, bytes([1, 1, 0, 0, 0, 0])) + b"\x7f"
    again = segment(0xDA, bytes([1, 1, 0, 1, 63, 0])) + b"\x7f"
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xDB, bytes([0, *[1] * 64])),
            segment(0xC2, struct.pack(">BHHB", 8, 8, 8, 1) + bytes([1, 0x11, 0])),
            *(segment(0xC4, bytes([table]) + one_code) for table in (0x00, 0x10)),
            first + again * (number - 1),
            b"\xff\xd9",
        )
    )


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded() -> None:
    assert decoded(normalise(grey_of_scans(pixels.MAX_SCANS))).size == (8, 8)
    with pytest.raises(NotAPictureError):
        normalise(grey_of_scans(pixels.MAX_SCANS + 1))


def test_what_a_phone_appends_to_a_photo_is_not_taken_for_scans() -> None:
    film = hashlib.shake_256(b"film").digest(9_000_000)
    assert decoded(normalise(encoded(two_halves(), "JPEG", progressive=True) + film))
