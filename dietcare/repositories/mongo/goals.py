"""Goals in `diet_goals`, every version in `goal_history`.

Replacing (or inserting) the goals in force is the one step that counts. Before it, the version
that it supersedes is copied into the history; after it, the new one is. A crash in between leaves
at worst the goals in force out of the history: `versions` reads both, and the next `put` copies
them first. A version that never was in force never gets there, and nothing needs a repair.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from dietcare.domain.goal import Goals
from dietcare.domain.ids import UserId
from dietcare.errors import DatabaseError
from dietcare.repositories.mongo.collection import Collection, Document, DuplicateKeyError
from dietcare.repositories.mongo.documents import object_id
from dietcare.repositories.mongo.goal_documents import (
    goals_document,
    goals_of,
    history_document,
    history_goals_of,
)
from dietcare.repositories.mongo.held import MongoHeld
from dietcare.repositories.port import GoalRepository, Spare, nothing

COLLECTION = "diet_goals"
HISTORY_COLLECTION = "goal_history"
BY_TIME = (("updated_at", 1), ("version", 1))
BY_TIME_LATEST = (("updated_at", -1), ("version", -1))


class MongoGoalRepository(MongoHeld, GoalRepository):
    """See the port."""

    def __init__(self, collection: Collection, history: Collection) -> None:
        super().__init__(collection)
        self._goals = collection
        self._history = history

    async def get(self, user_id: UserId) -> Goals | None:
        found = await self._goals.find_one({"user_id": object_id(user_id)})
        return None if found is None else goals_of(found)

    async def put(self, user_id: UserId, goals: Goals) -> bool:
        document = goals_document(user_id, goals)
        stored = await (self._insert if goals.version == 1 else self._replace)(document)
        if stored:
            # The goals are stored, and that is the answer: the next put makes up for this copy.
            with suppress(DatabaseError):
                await self._keep(document)
        return stored

    async def _insert(self, document: Document) -> bool:
        try:
            await self._goals.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def _replace(self, document: Document) -> bool:
        version_before = document["version"] - 1
        query = {key: document[key] for key in ("_id", "user_id")} | {"version": version_before}
        before = await self._goals.find_one(query)
        if before is None:
            return False
        await self._keep(before)
        return await self._goals.replace_one(query, document)

    async def _keep(self, document: Document) -> None:
        query = {"user_id": document["user_id"], "version": document["version"]}
        # Two upserts at once: the other one wrote the same.
        with suppress(DuplicateKeyError):
            await self._history.replace_one(query, history_document(document), upsert=True)

    async def versions(self, user_id: UserId) -> Sequence[Goals]:
        # In this order: what the goals in force superseded was in the history before they were.
        in_force = await self.get(user_id)
        if in_force is None:
            return ()
        query = {"user_id": object_id(user_id), "goal_id": object_id(in_force.id)}
        kept = [history_goals_of(each) for each in await self._history.find(query)]
        by_version = {each.version: each for each in (*kept, in_force)}
        return [by_version[version] for version in sorted(by_version)]

    async def versions_between(
        self, user_id: UserId, first: datetime, last: datetime
    ) -> Sequence[Goals]:
        # In this order, as in `versions`. Times grow with the versions: one that was in force by
        # `first` has superseded all before it.
        in_force = await self.get(user_id)
        if in_force is None:
            return ()
        if in_force.version == 1 or in_force.updated_at <= first:
            return (in_force,)
        query = {"user_id": object_id(user_id), "goal_id": object_id(in_force.id)}
        within = {**query, "updated_at": {"$gt": first, "$lte": last}}
        kept = [
            await self._first_to_hold(query, first),
            *await self._history.find(within, sort=BY_TIME),
        ]
        by_version = {each["version"]: history_goals_of(each) for each in kept if each is not None}
        if in_force.updated_at <= last:
            by_version[in_force.version] = in_force
        return [by_version[version] for version in sorted(by_version)]

    async def _first_to_hold(self, query: Document, first: datetime) -> Document | None:
        """The copy of the version in force at `first`, or else of the very first one."""
        before = {**query, "updated_at": {"$lte": first}}
        found = await self._history.find_one(before, sort=BY_TIME_LATEST)
        return found or await self._history.find_one(query, sort=BY_TIME)

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        erased = await super().erase(user_id, spare)
        query = {"user_id": object_id(user_id)}
        await self._history.erase(query, by="goal_id", spare=spare)
        return erased
