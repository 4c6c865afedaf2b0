"""Daily goals: defaults by stage, dialysis and weight; ranges; what is unusual."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dietcare.domain.ids import GoalId, UserId
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.domain.warning import Warning
from dietcare.errors import InvalidGoalRangeError, ValidationError, Violation
from dietcare.messages import text


class CkdStage(StrEnum):
    """Stage of chronic kidney disease, KDIGO G1 to G5."""

    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"
    FIVE = "5"


class Dialysis(StrEnum):
    """Kind of dialysis."""

    NONE = "none"
    HEMODIALYSIS = "hemodialysis"
    PERITONEAL = "peritoneal"


class GoalSource(StrEnum):
    """Who chose a goal."""

    USER = "user"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Range:
    """Both ends inclusive."""

    minimum: float
    maximum: float

    def __contains__(self, value: float) -> bool:
        return self.minimum <= value <= self.maximum


REFERENCE = (
    "KDIGO 2024 (sodium below 2 g a day; protein 0.8 g/kg × 62.5 kg), KDOQI 2020 (1.0–1.2 g/kg on "
    "dialysis; potassium and phosphorus by laboratory values, conservative defaults here)"
)

# Sodium and protein: KDIGO 2024, §3.3; potassium and phosphorus: conservative, see REFERENCE.
DEFAULTS: Mapping[tuple[CkdStage, Dialysis], Nutrients] = {
    (CkdStage.ONE, Dialysis.NONE): Nutrients(2000, 60, 3500, 1000),
    (CkdStage.TWO, Dialysis.NONE): Nutrients(2000, 60, 3000, 1000),
    (CkdStage.THREE, Dialysis.NONE): Nutrients(2000, 50, 2000, 800),
    (CkdStage.FOUR, Dialysis.NONE): Nutrients(2000, 50, 2000, 800),
    (CkdStage.FIVE, Dialysis.NONE): Nutrients(2000, 50, 2000, 800),
    (CkdStage.FIVE, Dialysis.HEMODIALYSIS): Nutrients(2000, 70, 2000, 1000),
    (CkdStage.FIVE, Dialysis.PERITONEAL): Nutrients(2000, 75, 3000, 1000),
}

PROTEIN_G_PER_KG = {  # KDIGO 2024, §3.3; KDOQI 2020, §3.0
    Dialysis.NONE: 0.8,
    Dialysis.HEMODIALYSIS: 1.1,
    Dialysis.PERITONEAL: 1.2,
}
PROTEIN_STEP_G = 5
PROTEIN_DEFAULT_MAX_G = 120
REFERENCE_WEIGHT_KG = 62.5

ACCEPTED: Mapping[str, Range] = {
    "sodium_mg": Range(500, 6000),
    "protein_g": Range(15, 200),
    "potassium_mg": Range(500, 6000),
    "phosphorus_mg": Range(300, 4000),
    "weight_kg": Range(30, 300),
}
USUAL: Mapping[Nutrient, Range] = {
    Nutrient.SODIUM: Range(1500, 2300),
    Nutrient.POTASSIUM: Range(1500, 4700),
    Nutrient.PHOSPHORUS: Range(600, 1500),
}
USUAL_PROTEIN_G_PER_KG = Range(0.55, 1.3)
USUAL_PROTEIN_G_PER_KG_DIALYSIS = Range(1.0, 1.5)
# Foods with at least 3 g protein per 100 g have a median of 15 mg phosphorus per g of protein.
REACHABLE_PHOSPHORUS_MG_PER_PROTEIN_G = 10


@dataclass(frozen=True, slots=True)
class GoalChange:
    """What a client sets; None is not said."""

    nutrients: Nutrients = field(default_factory=Nutrients)
    ckd_stage: CkdStage | None = None
    dialysis: Dialysis | None = None
    weight_kg: float | None = None


@dataclass(frozen=True, slots=True)
class Goals:
    """A user's goals as one version of them: what the user chose, and what holds."""

    id: GoalId
    user_id: UserId
    ckd_stage: CkdStage
    dialysis: Dialysis
    weight_kg: float | None
    chosen: Nutrients
    """The values that the user set; None is the default."""
    updated_at: datetime
    version: int = 1
    warnings: tuple[Warning, ...] = ()
    """What this change brought up; not stored."""

    @property
    def nutrients(self) -> Nutrients:
        """The goals in force."""
        fallback = defaults(self.ckd_stage, self.dialysis, self.weight_kg)
        return Nutrients.each(
            lambda n: self.chosen[n] if self.chosen[n] is not None else fallback[n]
        )

    def source(self, nutrient: Nutrient) -> GoalSource:
        """Who chose the goal of `nutrient`."""
        return GoalSource.DEFAULT if self.chosen[nutrient] is None else GoalSource.USER


def defaults(stage: CkdStage, dialysis: Dialysis, weight_kg: float | None) -> Nutrients:
    """The default goals; `weight_kg`, where known, decides the protein."""
    table = DEFAULTS[(stage, dialysis)]
    if weight_kg is None:
        return table
    protein_g = PROTEIN_G_PER_KG[dialysis] * weight_kg
    stepped = int(protein_g / PROTEIN_STEP_G + 0.5) * PROTEIN_STEP_G
    return replace(table, protein_g=float(min(stepped, PROTEIN_DEFAULT_MAX_G)))


def first_goals(change: GoalChange, *, goal_id: GoalId, user_id: UserId, now: datetime) -> Goals:
    """The goals that a first change sets.

    Raises:
        ValidationError: the stage is missing, or stage and dialysis contradict each other.
        InvalidGoalRangeError: a goal is out of its range.
    """
    _check(change, change.ckd_stage, change.dialysis or Dialysis.NONE)
    if change.ckd_stage is None:
        raise AssertionError("_check refuses a first change without a stage")
    goals = Goals(
        goal_id,
        user_id,
        change.ckd_stage,
        change.dialysis or Dialysis.NONE,
        change.weight_kg,
        change.nutrients,
        now,
    )
    return replace(goals, warnings=tuple(_warnings(goals, None)))


def changed_goals(goals: Goals, change: GoalChange, *, now: datetime) -> Goals:
    """The goals after a change: what it does not say stays.

    Raises:
        ValidationError: stage and dialysis contradict each other.
        InvalidGoalRangeError: a goal is out of its range.
    """
    stage = change.ckd_stage or goals.ckd_stage
    dialysis = change.dialysis or goals.dialysis
    _check(change, stage, dialysis)
    changed = replace(
        goals,
        ckd_stage=stage,
        dialysis=dialysis,
        weight_kg=goals.weight_kg if change.weight_kg is None else change.weight_kg,
        chosen=Nutrients.each(
            lambda n: goals.chosen[n] if change.nutrients[n] is None else change.nutrients[n]
        ),
        # A version holds from its time on: where clocks differ, never from before the last one's.
        updated_at=max(now, goals.updated_at),
        version=goals.version + 1,
    )
    before = goals if (stage, dialysis) != (goals.ckd_stage, goals.dialysis) else None
    kept = [n for n, _ in goals.chosen.known() if change.nutrients[n] is None]
    return replace(changed, warnings=tuple(_warnings(changed, before, kept)))


def standing_warnings(goals: Goals) -> tuple[Warning, ...]:
    """What is unusual about goals in force, whatever changed last."""
    return tuple(_warnings(goals, None))


def range_violations(change: GoalChange) -> Iterator[Violation]:
    """What of a change is out of its range, whatever the goals that it is made to."""
    said = {nutrient.value: amount for nutrient, amount in change.nutrients.known()}
    if change.weight_kg is not None:
        said["weight_kg"] = change.weight_kg
    for name, value in said.items():
        accepted = ACCEPTED[name]
        if value not in accepted:
            limits = {"minimum": f"{accepted.minimum:g}", "maximum": f"{accepted.maximum:g}"}
            yield Violation(name, text("field.range", **limits))


def _check(change: GoalChange, stage: CkdStage | None, dialysis: Dialysis) -> None:
    contradictions = []
    if stage is None:
        contradictions.append(Violation("ckd_stage", text("field.required")))
    elif dialysis is not Dialysis.NONE and stage is not CkdStage.FIVE:
        contradictions.append(Violation("dialysis", text("field.dialysis_stage")))
    ranges = list(range_violations(change))
    if contradictions:
        raise ValidationError([*contradictions, *ranges])
    if ranges:
        raise InvalidGoalRangeError(ranges)


def _warnings(
    goals: Goals, before: Goals | None, kept: list[Nutrient] | None = None
) -> Iterator[Warning]:
    for nutrient, usual in _usual(goals).items():
        if goals.nutrients.amount(nutrient) not in usual:
            limits = {"minimum": f"{usual.minimum:g}", "maximum": f"{usual.maximum:g}"}
            yield _warning("GOAL_UNUSUAL", nutrient, "warning.goal_unusual", **limits)
    phosphorus, protein = (
        goals.nutrients.amount(n) for n in (Nutrient.PHOSPHORUS, Nutrient.PROTEIN)
    )
    if phosphorus < REACHABLE_PHOSPHORUS_MG_PER_PROTEIN_G * protein:
        yield _warning(
            "PHOSPHORUS_TO_PROTEIN", Nutrient.PHOSPHORUS, "warning.phosphorus_to_protein"
        )
    if before is not None:
        fallback = defaults(goals.ckd_stage, goals.dialysis, goals.weight_kg)
        for nutrient in kept or ():
            default = f"{fallback.amount(nutrient):g}"
            yield _warning("STAGE_CHANGED", nutrient, "warning.stage_default", default=default)


def _usual(goals: Goals) -> Mapping[Nutrient, Range]:
    on_dialysis = goals.dialysis is not Dialysis.NONE
    per_kg = USUAL_PROTEIN_G_PER_KG_DIALYSIS if on_dialysis else USUAL_PROTEIN_G_PER_KG
    weight_kg = goals.weight_kg or REFERENCE_WEIGHT_KG
    # Rounded only so far as to undo what multiplying floats adds.
    protein = Range(*(round(g * weight_kg, 6) for g in (per_kg.minimum, per_kg.maximum)))
    return {**USUAL, Nutrient.PROTEIN: protein}


def _warning(code: str, nutrient: Nutrient, key: str, **values: object) -> Warning:
    return Warning(code, f"goals.{nutrient.value}", text(key, **values))
