"""What was seen in a picture out of a cache: the same picture is looked at once in 24 hours."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from dietcare.cache.port import ANALYSIS_TTL_S, Cache, analysis_key
from dietcare.vision.port import Picture, Sighting, VisionModel


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was seen, and what was asked for it."""

    question: str
    sighting: Sighting


_KEPT = TypeAdapter(_Kept)


class CachedVisionModel(VisionModel):
    """Answers from the cache where it can; failures are not kept.

    `question` names the model, the prompt and whatever else decides the answer: what was seen on
    another one, before a model was replaced say, is not given as an answer to this one.
    """

    def __init__(self, inner: VisionModel, cache: Cache, question: str) -> None:
        self._inner = inner
        self._cache = cache
        self._question = question

    async def look(self, picture: Picture) -> Sighting:
        key = analysis_key(picture.pixel_hash)
        cached = await self._cache.get(key)
        if cached is not None:
            try:
                kept = _KEPT.validate_json(cached)
            except ValidationError:
                await self._cache.drop(key)  # written by another release
            else:
                if kept.question == self._question:
                    return kept.sighting.again()
        sighting = await self._inner.look(picture)
        kept = _Kept(self._question, sighting)
        await self._cache.put(key, _KEPT.dump_json(kept), ANALYSIS_TTL_S)
        return sighting
