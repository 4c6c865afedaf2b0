"""Pictures from the web and from requests."""

from dietcare.errors import InvalidImageURLError
from dietcare.vision.fetch import MAX_BYTES, ImageFetcher
from dietcare.vision.picture import PictureNormaliser
from dietcare.vision.port import Picture, PictureReader


class WebPictureReader(PictureReader):
    """Fetches with `fetcher` and normalises with `normaliser`."""

    def __init__(self, fetcher: ImageFetcher, normaliser: PictureNormaliser | None = None) -> None:
        self._fetcher = fetcher
        self._normaliser = normaliser or PictureNormaliser()

    async def from_url(self, url: str) -> Picture:
        """Fetch and normalise the picture at `url`; raises as the port says."""
        return await self._normaliser.normalise(await self._fetcher.fetch(url), "image_url")

    async def from_bytes(self, data: bytes) -> Picture:
        """Normalise the picture in `data`, 10 MB at most; raises as the port says."""
        if len(data) > MAX_BYTES:
            megabytes = MAX_BYTES // 1_000_000
            raise InvalidImageURLError.of("image_data", "field.image_size", megabytes=megabytes)
        return await self._normaliser.normalise(data, "image_data")
