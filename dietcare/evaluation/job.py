"""Runs labelled photos through the analyzer, as the service would."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

from pydantic import SecretStr

from dietcare.api.servicer import Services
from dietcare.app import Overrides, build_app
from dietcare.clock import new_id
from dietcare.domain.food import Food
from dietcare.domain.ids import SessionId, UserId
from dietcare.domain.nutrients import Nutrient
from dietcare.errors import DietCareError
from dietcare.evaluation.journal import Journal
from dietcare.evaluation.measures import amount_error, food_score
from dietcare.evaluation.report import Report
from dietcare.evaluation.truth import Photo, read_truth
from dietcare.local.simulator import serve_simulator
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.services.nutrition_analyzer import (
    SIMULATED_MODEL,
    ImageSource,
    NutritionAnalyzer,
)
from dietcare.settings import Settings
from dietcare.vision.prompt import PROMPT_VERSION

Advanced = Callable[[int, int], None]
"""Is told how many photos are done, of how many."""


async def evaluate(
    settings: Settings, folder: Path, results: Path, *, at_once: int, advanced: Advanced
) -> Report:
    """Analyse every photo that the journal in `results` does not know yet, `at_once` at a time.

    A photo that can not be analysed is reported, and tried again the next time.

    Raises:
        TruthError: the folder's truth can not be used.
        JournalError: the journal can not be used.
    """
    photos = read_truth(folder)
    async with _service(settings) as (services, model):
        name = f"{re.sub(r'[^A-Za-z0-9.-]+', '-', model)}-{PROMPT_VERSION}"
        with closing(Journal(results / f"{name}.jsonl")) as journal:
            looking = _Looking(services.analyzer, journal)
            await looking.at(photos, at_once, advanced)
    pairs = [(photo.foods, looking.seen[photo]) for photo in photos if photo in looking.seen]
    return Report(
        title=f"{model}, prompt {PROMPT_VERSION}",
        photos=len(pairs),
        amounts={nutrient: amount_error(nutrient, pairs) for nutrient in Nutrient},
        foods=food_score(pairs, services.foods.identity),
        failures=dict(sorted(looking.failures.items())),
    )


@asynccontextmanager
async def _service(settings: Settings) -> AsyncIterator[tuple[Services, str]]:
    """A service that leaves nothing behind, and its model's name."""
    async with AsyncExitStack() as stack:
        alone: dict[str, object] = {
            "mongodb_uri": None,
            "redis_url": None,
            "jwt_secret": SecretStr(secrets.token_hex(32)),
        }
        if settings.openai_api_key is None and settings.openai_base_url is None:
            alone["openai_base_url"] = await stack.enter_async_context(serve_simulator())
            alone["vision_model"] = SIMULATED_MODEL
        settings = settings.completed(alone, is_sole_process=False)
        overrides = Overrides(backend=MemoryBackend())
        app = await stack.enter_async_context(build_app(settings, overrides))
        yield app.services, settings.vision_model


class _Looking:
    """Has photos looked at: the foods `seen` in each, and why it failed where it did."""

    def __init__(self, analyzer: NutritionAnalyzer, journal: Journal) -> None:
        self._analyzer = analyzer
        self._journal = journal
        self.seen: dict[Photo, tuple[Food, ...]] = {}
        self.failures: dict[str, str] = {}

    async def at(self, photos: Sequence[Photo], at_once: int, advanced: Advanced) -> None:
        """Look at every photo, `at_once` at a time.

        Raises:
            JournalError: what was seen can not be kept.
        """
        left = iter(photos)

        async def work() -> None:
            for photo in left:
                await self._at_one(photo)
                advanced(len(self.seen) + len(self.failures), len(photos))

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(work())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    async def _at_one(self, photo: Photo) -> None:
        try:
            picture = await asyncio.to_thread(photo.path.read_bytes)
            seen = self._journal.seen(picture)
            if seen is None:
                seen = await self._foods(picture)
                self._journal.note(picture, seen)
            self.seen[photo] = seen
        except DietCareError as error:
            self.failures[photo.path.name] = error.reason
        except OSError as error:
            self.failures[photo.path.name] = error.strerror or "it can not be read"

    async def _foods(self, picture: bytes) -> tuple[Food, ...]:
        image = ImageSource(None, picture)
        result = await self._analyzer.analyze(UserId(new_id()), SessionId(new_id()), image)
        return result.analysis.foods
