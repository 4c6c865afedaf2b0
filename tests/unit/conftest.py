"""Time that tests set, ids that count, storage in memory, and the services over these."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

from dietcare.clock import Clock
from dietcare.domain.food import Food
from dietcare.domain.goal import CkdStage, Dialysis, Goals
from dietcare.domain.meal import Meal, MealDraft, MealType
from dietcare.domain.nutrients import Nutrients, total
from dietcare.erasure.wiring import erasing
from dietcare.errors import ValidationError
from dietcare.messages import Language
from dietcare.repositories.memory.backend import MemoryBackend
from dietcare.repositories.port import Repositories
from dietcare.services.account import AccountService
from dietcare.services.audit import AuditService
from dietcare.services.goal import GoalService
from dietcare.services.meal import MealService
from dietcare.services.owners import ProcessOwners
from dietcare.services.progress import ProgressService
from dietcare.services.session import SessionService
from dietcare.services.shielded import Shielded
from dietcare.services.streak import StreakService

# A busy machine is no failure of an example.
settings.register_profile("unit", deadline=None)
settings.load_profile("unit")

SEOUL = "Asia/Seoul"
NOON_IN_SEOUL = "2025-11-27T03:00:00Z"
USER = "507f1f77bcf86cd799439011"
OTHER = "507f1f77bcf86cd7994390ff"


class SetClock(Clock):
    """Stands still until a test moves it."""

    def __init__(self, at: str = NOON_IN_SEOUL) -> None:
        self.set(at)

    def now(self) -> datetime:
        return self._at

    def set(self, at: str) -> None:
        """Make it `at`, in RFC 3339."""
        self._at = datetime.fromisoformat(at).astimezone(UTC)

    def advance(self, **step: float) -> None:
        """Let time pass."""
        self._at += timedelta(**step)


@pytest.fixture
def clock() -> SetClock:
    """Thursday 2025-11-27, noon in Seoul, until the test says otherwise."""
    return SetClock()


@pytest.fixture
def new_id() -> Callable[[], str]:
    """Ids that count up."""
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):024x}"


@pytest.fixture
def user() -> str:
    return USER


@pytest.fixture
def other() -> str:
    return OTHER


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def stored(backend: MemoryBackend) -> Repositories:
    """The repositories under the services."""
    return backend.repositories


@pytest.fixture
def services(stored: Repositories, clock: SetClock, new_id: Callable[[], str]) -> SimpleNamespace:
    """Every service but the analyzer, over memory."""
    audit = AuditService(stored.audit, clock, Shielded())
    erasure = erasing(
        stored,
        audit,
        clock,
        new_id,
        ProcessOwners(),
        name_of=lambda user_id: user_id,
        on_begun=None,
        is_shared=False,
    )
    stored = erasure.stored
    streaks = StreakService(stored.streaks, stored.meals, clock, new_id, Shielded())
    goals = GoalService(stored.goals, clock, new_id)
    return SimpleNamespace(
        erasure=erasure,
        eraser=erasure.eraser,
        streaks=streaks,
        goals=goals,
        meals=MealService(
            stored.meals, stored.analyses, streaks, clock, new_id, stored.idempotency
        ),
        progress=ProgressService(stored.meals, goals, clock, CkdStage.THREE),
        sessions=SessionService(stored.sessions, clock, new_id, 10),
        account=AccountService(stored, streaks, clock),
    )


class Builder:
    """Makes what is valid; a test says what it is about."""

    rice = Food("현미밥", 210, Nutrients(2, 5.2, 157, 189))

    def __init__(self) -> None:
        self._numbers = itertools.count(0xB00)

    def instant(self, text: str) -> datetime:
        return datetime.fromisoformat(text).astimezone(UTC)

    def food(self, name: str = "국", portion_g: float = 300, **nutrients: float) -> Food:
        return Food(name, portion_g, Nutrients(**nutrients))

    def draft(self, at: str | None = None, *foods: Food, **said: Any) -> MealDraft:
        return MealDraft(
            meal_type=said.pop("meal_type", MealType.BREAKFAST),
            foods=foods or (self.rice,),
            logged_at=self.instant(at) if at else None,
            **said,
        )

    def meal(self, day: str, *foods: Food) -> Meal:
        """A stored meal that counts for `day`."""
        foods = foods or (self.rice,)
        at = self.instant(f"{day}T03:00:00Z")
        return Meal(
            id=f"{next(self._numbers):024x}",
            user_id=USER,
            meal_type=MealType.LUNCH,
            foods=foods,
            total_nutrients=total(food.nutrients for food in foods),
            logged_at=at,
            local_date=date.fromisoformat(day),
            time_zone=SEOUL,
            created_at=at,
            updated_at=at,
        )

    def goals(self, **changes: Any) -> Goals:
        said: dict[str, Any] = {
            "id": "00000000000000000000aaaa",
            "user_id": USER,
            "ckd_stage": CkdStage.THREE,
            "dialysis": Dialysis.NONE,
            "weight_kg": None,
            "chosen": Nutrients(),
            "updated_at": self.instant("2025-11-20T10:00:00Z"),
        }
        return Goals(**(said | changes))


@pytest.fixture
def build() -> Builder:
    return Builder()


class Refused(dict[str, str]):
    """Every violated field and its English sentence."""

    error: ValidationError


@pytest.fixture
def refused() -> Callable[..., Any]:
    """`with refused(SomeError) as fields:` expects an error and tells what it says of fields."""

    @contextmanager
    def expect(kind: type[ValidationError] = ValidationError) -> Iterator[Refused]:
        fields = Refused()
        with pytest.raises(ValidationError) as caught:
            yield fields
        fields.error = caught.value
        assert type(caught.value) is kind
        for violation in caught.value.violations:
            assert violation.field not in fields, "a field is listed once"
            fields[violation.field] = violation.text.render(Language.EN)

    return expect
