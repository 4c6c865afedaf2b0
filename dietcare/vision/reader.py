"""Pictures from the web and from requests."""

from dietcare.errors import InvalidImageURLError
from dietcare.vision.fetch import MAX_BYTES, ImageFetcher
from dietcare.vision.picture import PictureNormaliser
from dietcare.vision.port import Picture, PictureFile, PictureReader


class WebPictureReader(PictureReader):
    """Fetches with `fetcher` and normalises with `normaliser`; both take files of `max_bytes`."""

    def __init__(
        self,
        fetcher: ImageFetcher,
        normaliser: PictureNormaliser | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._fetcher = fetcher
        self._normaliser = normaliser or PictureNormaliser()
        self._max_bytes = max_bytes

    async def from_url(self, url: str) -> Picture:
        """Fetch and normalise the picture at `url`; raises as the port says."""
        return await self._normaliser.normalise(await self._fetcher.fetch(url), "image_url")

    async def from_bytes(self, data: PictureFile) -> Picture:
        """Normalise the picture in `data`; raises as the port says."""
        if len(data) > self._max_bytes:
            megabytes = f"{self._max_bytes / 1e6:g}"
            raise InvalidImageURLError.of("image_data", "field.image_size", megabytes=megabytes)
        return await self._normaliser.normalise(data, "image_data")
