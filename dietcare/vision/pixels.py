"""Makes one kind of picture of every kind that is accepted. Takes time: not for the event loop."""

import hashlib
import io
from collections.abc import Callable
from functools import partial

from PIL import Image

from dietcare.vision.port import Picture

MAX_PIXELS = 50_000_000  # of 10 bytes each at most, while they are decoded
# Pillow decodes every WebP as if it were animated: two canvases and two copies.
WEBP_SHARE = 0.5
LONG_SIDE_PX = 1_024
JPEG_QUALITY = 88
# A progressive JPEG has about ten scans. Each goes over all pixels, even where it takes 80 bytes:
# a file of 10 MB could hold a hundred thousand, for minutes of work.
MAX_SCANS = 500
START_OF_SCAN = b"\xff\xda"
ORIENTATION = 0x0112

# What a camera's orientation tag asks for (EXIF 2.32, 4.6.4 A).
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class NotAPictureError(Exception):
    """No JPEG, PNG, WebP or HEIC, or a broken or animated one."""


class TooManyPixelsError(Exception):
    """More than the most that is decoded, whatever the file's size."""


def normalise(
    data: bytes, *, long_side_px: int = LONG_SIDE_PX, max_pixels: int = MAX_PIXELS
) -> Picture:
    """Upright, at most `long_side_px` pixels on the long side, RGB, and nothing but pixels.

    Raises:
        NotAPictureError: it can not be used.
        TooManyPixelsError: it is too large to be decoded.
    """
    opener = _opener(data)
    if opener is None:
        raise NotAPictureError
    try:
        with opener(data, max_pixels) as image:
            pixels = _scaled(image, long_side_px)
    except (TooManyPixelsError, NotAPictureError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixelsError from None
    except Exception:  # decoders raise whatever a hostile file leads them to
        raise NotAPictureError from None
    return _picture(pixels)


def _opener(data: bytes) -> Callable[[bytes, int], Image.Image] | None:
    """Decided by what the bytes are, whatever they are called."""
    if data.startswith(b"\xff\xd8\xff"):
        return _open_jpeg
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _open_png
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return partial(_open_still, "WEBP", WEBP_SHARE)
    if data[4:8] == b"ftyp":
        return _open_heic
    return None


def _open_jpeg(data: bytes, max_pixels: int) -> Image.Image:
    # Other bytes may look like one, rarely: those of 10 MB by chance about 150 times.
    if data.count(START_OF_SCAN) > MAX_SCANS:
        raise NotAPictureError
    # Phones append depth maps and the like as further frames: the first is the photo.
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    _check_size(image.size, max_pixels)
    return image


def _open_png(data: bytes, max_pixels: int) -> Image.Image:
    image = _open_still("PNG", 1.0, data, max_pixels)
    # Pillow passes over damage within the pixels, and leaves black what comes after it.
    Image.open(io.BytesIO(data), formats=("PNG",)).verify()
    return image


def _open_still(kind: str, share: float, data: bytes, max_pixels: int) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=(kind,))
    _check_size(image.size, max_pixels * share)
    if getattr(image, "n_frames", 1) > 1:
        raise NotAPictureError
    return image


def _open_heic(data: bytes, max_pixels: int) -> Image.Image:
    import pillow_heif  # loads 10 MB of libraries: only where such a picture comes

    if pillow_heif.get_file_mimetype(data) not in {"image/heic", "image/heif"}:
        raise NotAPictureError
    heif = pillow_heif.open_heif(data)
    _check_size(heif.size, max_pixels)
    image: Image.Image = heif.to_pillow()
    image.info.clear()  # turned already, by HEIF's own properties
    return image


def _check_size(size: tuple[int, int], max_pixels: float) -> None:
    if size[0] * size[1] > max_pixels:
        raise TooManyPixelsError


def _scaled(image: Image.Image, long_side_px: int) -> Image.Image:
    # A JPEG is decoded at a half, a quarter or an eighth where that is still enough.
    share = min(1.0, long_side_px / max(image.size))
    image.draft(None, (max(1, int(image.width * share)), max(1, int(image.height * share))))
    if image.mode in {"P", "1"}:  # palettes can not be averaged
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode.startswith("I"):  # 16 bits
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    image.thumbnail((long_side_px, long_side_px), Image.Resampling.HAMMING)
    turn = UPRIGHT.get(_orientation(image))
    if turn is not None:
        image = image.transpose(turn)
    return _without_alpha(image).convert("RGB")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # the pixels are good, what is said about them is not
        return 1


def _without_alpha(image: Image.Image) -> Image.Image:
    """On white where it is transparent."""
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)


def _picture(pixels: Image.Image) -> Picture:
    raw = pixels.tobytes()
    width, height = pixels.size
    jpeg = io.BytesIO()
    # A new image of the bytes: nothing that the old one carried can come along.
    Image.frombytes("RGB", pixels.size, raw).save(jpeg, "JPEG", quality=JPEG_QUALITY)
    digest = hashlib.sha256(f"{width}x{height}:".encode() + raw).hexdigest()
    return Picture(jpeg.getvalue(), digest)
