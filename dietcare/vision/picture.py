"""Normalises pictures in threads, a few at a time: each may take much memory."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from dietcare.errors import ImageProcessingError, InvalidImageURLError
from dietcare.vision import pixels
from dietcare.vision.pixels import NotAPictureError, TooManyPixelsError, normalise
from dietcare.vision.port import Picture, PictureFile

CONCURRENCY = 2  # a picture of 50 megapixels takes up to 500 MB while it is decoded


class PictureNormaliser:
    """Normalises at most `concurrency` pictures at once; others wait for their turn.

    `long_side_px` is what pictures are scaled down to, `max_pixels` the most that is decoded.
    """

    def __init__(
        self,
        concurrency: int = CONCURRENCY,
        *,
        long_side_px: int = pixels.LONG_SIDE_PX,
        max_pixels: int = pixels.MAX_PIXELS,
    ) -> None:
        # Threads of its own: a name that is slow to resolve in the loop's own takes none of them,
        # and one whose caller has gone is not free until its memory is.
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="pictures")
        self._long_side_px = long_side_px
        self._max_pixels = max_pixels

    def close(self) -> None:
        """Let the threads end, once they have done what they are at."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def normalise(self, data: PictureFile, field: str) -> Picture:
        """Make a `Picture` of a file; `field` is the request's field that it came in.

        Raises:
            InvalidImageURLError: it can not be used.
            ImageProcessingError: there was not enough memory.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._normalise, data
            )
        except NotAPictureError:
            raise InvalidImageURLError.of(field, "field.image_type") from None
        except TooManyPixelsError:
            raise InvalidImageURLError.of(field, "field.image_pixels") from None
        except MemoryError:
            raise ImageProcessingError from None

    def _normalise(self, data: PictureFile) -> Picture:
        return normalise(bytes(data), long_side_px=self._long_side_px, max_pixels=self._max_pixels)
