"""From a picture to an analysis that is stored and can be logged as a meal."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from dietcare.clock import Clock
from dietcare.domain.analysis import Analysis
from dietcare.domain.idempotency import Attempt
from dietcare.domain.ids import AnalysisId, IdFactory, SessionId, UserId
from dietcare.domain.warning import Warning
from dietcare.errors import InvalidImageURLError
from dietcare.messages import text
from dietcare.repositories.port import AnalysisRepository
from dietcare.services.food import FoodService
from dietcare.vision.port import Picture, PictureFile, PictureReader, VisionModel

SIMULATED_MODEL = "simulated"


@dataclass(frozen=True, slots=True)
class ImageSource:
    """What the client sent: exactly one of the two, else InvalidImageURLError."""

    url: str | None
    data: PictureFile | None

    def __post_init__(self) -> None:
        given = [each for each in (self.url, self.data) if each is not None]
        if len(given) != 1 or not given[0]:
            field = "image_data" if self.url is None else "image_url"
            raise InvalidImageURLError.of(field, "field.one_image")


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """A new analysis; `cached` where the picture was looked at before."""

    analysis: Analysis
    cached: bool
    warnings: tuple[Warning, ...]


class NutritionAnalyzer:
    """Reads a picture, has it looked at, stores what was seen with the figures of the table.

    The model is good at names and portions, the table at minerals. What is remembered of a picture
    is what the model saw, so that it takes the figures of the table as that is now.
    """

    def __init__(
        self,
        pictures: PictureReader,
        vision: VisionModel,
        foods: FoodService,
        analyses: AnalysisRepository,
        clock: Clock,
        new_id: IdFactory,
    ) -> None:
        self._pictures = pictures
        self._vision = vision
        self._foods = foods
        self._analyses = analyses
        self._clock = clock
        self._new_id = new_id

    async def earlier(self, user_id: UserId, attempt: Attempt | None) -> AnalysisResult | None:
        """What an earlier try has stored, which may have come no further; None where none has."""
        if attempt is None or not attempt.resumed:
            return None
        analysis = await self._analyses.get(user_id, AnalysisId(attempt.id))
        if analysis is None:
            return None
        return AnalysisResult(analysis, cached=False, warnings=tuple(_warnings(analysis)))

    async def was_analyzed(self, user_id: UserId, attempt: Attempt) -> bool:
        """Whether an earlier try has stored what it saw."""
        return await self.earlier(user_id, attempt) is not None

    async def analyze(
        self,
        user_id: UserId,
        session_id: SessionId,
        image: ImageSource,
        attempt: Attempt | None = None,
    ) -> AnalysisResult:
        """Analyse a picture within a session, under the id of `attempt` where there is one.

        Raises:
            InvalidImageURLError: the picture can not be used.
            ImageProcessingError: its host did not answer.
            OpenAIAPIError: the vision model did not answer.
        """
        sighting = await self._vision.look(await self._picture(image))
        analysis = Analysis(
            id=AnalysisId(attempt.id if attempt is not None else self._new_id()),
            user_id=user_id,
            session_id=session_id,
            foods=tuple(self._foods.with_figures(food) for food in sighting.foods),
            model=sighting.model,
            prompt_version=sighting.prompt_version,
            latency_ms=sighting.latency_ms,
            tokens=sighting.tokens,
            created_at=self._clock.now(),
            image_url=without_query(image.url) if image.url else None,
        )
        await self._analyses.insert(user_id, analysis)
        return AnalysisResult(analysis, sighting.cached, tuple(_warnings(analysis)))

    async def _picture(self, image: ImageSource) -> Picture:
        if image.url:
            return await self._pictures.from_url(image.url)
        return await self._pictures.from_bytes(image.data or b"")


def without_query(url: str) -> str:
    """The address without query, fragment and user: those may be secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _warnings(analysis: Analysis) -> list[Warning]:
    if analysis.model != SIMULATED_MODEL:
        return []
    return [Warning("SIMULATED", "analysis.model", text("warning.simulated"))]
