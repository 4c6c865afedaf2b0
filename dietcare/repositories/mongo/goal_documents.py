"""Goals as documents of `diet_goals` and `goal_history`."""

from dietcare.domain.goal import CkdStage, Dialysis, Goals
from dietcare.domain.ids import GoalId, UserId
from dietcare.repositories.mongo.collection import Document
from dietcare.repositories.mongo.documents import (
    known,
    nutrients_document,
    nutrients_of,
    object_id,
)


def goals_document(user_id: UserId, goals: Goals) -> Document:
    """The seed's fields, which are the goals in force, and in `chosen` what the user set."""
    weight_kg = None if goals.weight_kg is None else float(goals.weight_kg)
    return {
        "_id": object_id(goals.id),
        "user_id": object_id(user_id),
        **nutrients_document(goals.nutrients),
        "ckd_stage": goals.ckd_stage.value,
        "dialysis": goals.dialysis.value,
        "chosen": nutrients_document(goals.chosen),
        "updated_at": goals.updated_at,
        "version": goals.version,
        **known({"weight_kg": weight_kg}),
    }


def goals_of(document: Document) -> Goals:
    """The goals that were stored."""
    return Goals(
        id=GoalId(str(document["_id"])),
        user_id=UserId(str(document["user_id"])),
        ckd_stage=CkdStage(document["ckd_stage"]),
        dialysis=Dialysis(document["dialysis"]),
        weight_kg=document.get("weight_kg"),
        chosen=nutrients_of(document["chosen"]),
        updated_at=document["updated_at"],
        version=document["version"],
    )


def history_document(document: Document) -> Document:
    """The copy of a goals document: its id is `goal_id`, since every version has the same."""
    copy = {name: value for name, value in document.items() if name != "_id"}
    return {**copy, "goal_id": document["_id"]}


def history_goals_of(document: Document) -> Goals:
    """The goals that a copy was made of."""
    return goals_of({**document, "_id": document["goal_id"]})
