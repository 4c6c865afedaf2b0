"""Goals."""

from collections.abc import Sequence

from dietcare.api.converters.enums import EnumTable
from dietcare.api.converters.nutrients import to_warnings
from dietcare.api.converters.reading import Reader
from dietcare.api.converters.times import to_timestamp
from dietcare.domain.goal import (
    DEFAULTS,
    REFERENCE,
    CkdStage,
    Dialysis,
    GoalChange,
    Goals,
    range_violations,
    standing_warnings,
)
from dietcare.domain.nutrients import Nutrient, Nutrients
from dietcare.errors import Violation
from dietcare.messages import Language
from dietcare.v1 import goal_pb2

CKD_STAGE = EnumTable(goal_pb2.CkdStage.DESCRIPTOR)
DIALYSIS = EnumTable(goal_pb2.Dialysis.DESCRIPTOR)
GOAL_SOURCE = EnumTable(goal_pb2.GoalSource.DESCRIPTOR)


def goal_change_of(
    message: goal_pb2.UpdateGoalsRequest, beside: Sequence[Violation] = ()
) -> GoalChange:
    """What a client wants to set.

    Raises:
        ValidationError: with every malformed field, and then with what is out of its range.
    """
    reader = Reader(beside=beside)
    change = GoalChange(
        nutrients=Nutrients.each(
            lambda n: getattr(message, n.value) if message.HasField(n.value) else None
        ),
        ckd_stage=reader.enum(message, "ckd_stage", CKD_STAGE, CkdStage),
        dialysis=reader.enum(message, "dialysis", DIALYSIS, Dialysis),
        weight_kg=message.weight_kg if message.HasField("weight_kg") else None,
    )
    reader.done(lambda: range_violations(change))
    return change


def to_goals(goals: Goals, language: Language) -> goal_pb2.Goals:
    """Goals as a message, with the warnings of the change that made them, if it was just made."""
    message = goal_pb2.Goals(
        id=goals.id,
        user_id=goals.user_id,
        ckd_stage=CKD_STAGE.number(goals.ckd_stage),
        dialysis=DIALYSIS.number(goals.dialysis),
        updated_at=to_timestamp(goals.updated_at),
        sources=goal_pb2.GoalSources(
            **{n.value: GOAL_SOURCE.number(goals.source(n)) for n in Nutrient}
        ),
        warnings=to_warnings(goals.warnings or standing_warnings(goals), language),
        **_amounts(goals.nutrients),
    )
    if goals.weight_kg is not None:
        message.weight_kg = goals.weight_kg
    return message


def to_defaults() -> goal_pb2.ListDefaultGoalsResponse:
    """The defaults of every stage and kind of dialysis."""
    return goal_pb2.ListDefaultGoalsResponse(
        defaults=[
            goal_pb2.DefaultGoals(
                ckd_stage=CKD_STAGE.number(stage),
                dialysis=DIALYSIS.number(dialysis),
                reference=REFERENCE,
                **_amounts(nutrients),
            )
            for (stage, dialysis), nutrients in DEFAULTS.items()
        ]
    )


def _amounts(nutrients: Nutrients) -> dict[str, float]:
    return {nutrient.value: amount for nutrient, amount in nutrients.known()}
