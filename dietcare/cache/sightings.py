"""What was seen in a picture out of a cache: the same picture is looked at once in 24 hours."""

from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from dietcare.cache.port import ANALYSIS_TTL_S, Cache, analysis_key
from dietcare.vision.port import Picture, Sighting, VisionModel

_SIGHTING = TypeAdapter(Sighting)


class CachedVisionModel(VisionModel):
    """Answers from the cache where it can; failures are not kept."""

    def __init__(self, inner: VisionModel, cache: Cache) -> None:
        self._inner = inner
        self._cache = cache

    async def look(self, picture: Picture) -> Sighting:
        key = analysis_key(picture.pixel_hash)
        cached = await self._cache.get(key)
        if cached is not None:
            try:
                return replace(_SIGHTING.validate_json(cached), cached=True)
            except ValidationError:
                await self._cache.drop(key)  # written by another release
        sighting = await self._inner.look(picture)
        await self._cache.put(key, _SIGHTING.dump_json(sighting), ANALYSIS_TTL_S)
        return sighting
