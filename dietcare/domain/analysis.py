"""What a food photo shows."""

from dataclasses import dataclass
from datetime import datetime

from dietcare.domain.food import Food
from dietcare.domain.ids import AnalysisId, SessionId, UserId
from dietcare.domain.nutrients import Nutrients, known_of, total


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis as stored: the foods and where they come from, never the picture."""

    id: AnalysisId
    user_id: UserId
    session_id: SessionId
    foods: tuple[Food, ...]
    model: str
    prompt_version: str
    latency_ms: int
    """How long the model took; 0 where it was not asked, as the picture was known."""
    tokens: int
    """What the model was paid for; 0 where it was not asked."""
    created_at: datetime
    image_url: str | None = None
    """Where the picture was, without its query; None where it was sent along."""

    @property
    def total_nutrients(self) -> Nutrients:
        """The sum of what is known of the foods."""
        return total(food.nutrients for food in self.foods)

    @property
    def coverage(self) -> Nutrients | None:
        """The share of foods with a known value where it is below 1."""
        return known_of(food.nutrients for food in self.foods).coverage()
