"""Normalises pictures beside the event loop, a few at a time."""

import asyncio

from dietcare.errors import ImageProcessingError, InvalidImageURLError
from dietcare.vision.pixels import NotAPictureError, TooManyPixelsError, normalise
from dietcare.vision.port import Picture

CONCURRENCY = 2  # a picture of 50 megapixels takes up to 400 MB while it is decoded


class PictureNormaliser:
    """Normalises at most `concurrency` pictures at once; others wait for their turn."""

    def __init__(self, concurrency: int = CONCURRENCY) -> None:
        self._slots = asyncio.Semaphore(concurrency)

    async def normalise(self, data: bytes, field: str) -> Picture:
        """Make a `Picture` of a file; `field` is the request's field that it came in.

        Raises:
            InvalidImageURLError: it can not be used.
            ImageProcessingError: there was not enough memory.
        """
        await self._slots.acquire()
        work = asyncio.get_running_loop().run_in_executor(None, normalise, data)
        # A thread can not be cancelled: its memory is taken until it ends, and so is its slot.
        work.add_done_callback(self._finished)
        try:
            return await asyncio.shield(work)
        except NotAPictureError:
            raise InvalidImageURLError.of(field, "field.image_type") from None
        except TooManyPixelsError:
            raise InvalidImageURLError.of(field, "field.image_pixels") from None
        except MemoryError:
            raise ImageProcessingError from None

    def _finished(self, work: "asyncio.Future[Picture]") -> None:
        self._slots.release()
        if not work.cancelled():
            work.exception()  # seen: whoever waited for it may be gone
