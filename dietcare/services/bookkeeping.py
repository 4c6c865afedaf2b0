"""Keeps what is stored of the streak equal to the meals, whoever changes them and whoever dies.

Three steps, in this order: an intent goes into the record; the meals change; one conditional write
takes the intent out and takes in what it did. A record with an intent in it is not believed: who
finds one computes from the meals. See docs/decisions/0009-intents.md.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Generic, TypeVar

from dietcare.clock import Clock
from dietcare.domain.ids import IdFactory, UserId
from dietcare.domain.streak import Intent, StreakRecord, extended, record_of
from dietcare.errors import ErasedMeanwhileError
from dietcare.repositories.port import Held, MealRepository, Spare, StreakRepository, nothing

T = TypeVar("T")


class Did(Enum):
    """What a change has done to the meals, if it was not to add one."""

    NOTHING = "nothing"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Changed(Generic[T]):
    """What a change answers, and what it did: a `date` is that of the one meal that it added."""

    answer: T
    did: date | Did


class Bookkeeper(Held):
    """The records of the streaks, read, written and erased."""

    def __init__(
        self, streaks: StreakRepository, meals: MealRepository, clock: Clock, new_id: IdFactory
    ) -> None:
        self._streaks = streaks
        self._meals = meals
        self._clock = clock
        self._new_id = new_id

    async def read(self, user_id: UserId) -> StreakRecord:
        """What the meals say: one document where nobody is changing them."""
        record = await self._streaks.get(user_id)
        if record is not None and record.is_settled:
            return record
        if record is None or not self._at_work(record):
            return await self._mend(user_id, record)
        return await self.computed(user_id)

    async def computed(self, user_id: UserId) -> StreakRecord:
        """The same, computed from the meals."""
        return record_of(await self._meals.tally(user_id))

    async def around(
        self, user_id: UserId, change: Callable[[], Awaitable[Changed[T]]]
    ) -> tuple[T, StreakRecord]:
        """Do `change` and return its answer with the record after it.

        Where it fails, or this process dies in it, nobody knows what it did: its intent stays
        until it is certain that nothing more comes of it, and reads compute from the meals.
        """
        intent = Intent(self._new_id(), self._clock.now())
        begun = await self._streaks.begin(user_id, intent)
        changed = await change()
        return changed.answer, await self._settle(user_id, intent, begun, changed.did)

    async def doubt(self, user_id: UserId) -> None:
        """Have no read believe the record for a while: somebody erases the meals."""
        await self._streaks.begin(user_id, Intent(self._new_id(), self._clock.now()))

    async def count(self, user_id: UserId) -> int:
        return 0 if await self._streaks.get(user_id) is None else 1

    async def erase(self, user_id: UserId, spare: Spare = nothing) -> int:
        """Delete the record, with the intents of who is at work: they will not find theirs again.

        Once the user may start anew, the intents may be of new meals: then the record stays for
        those who are at work, and nobody believes it until it is computed. Call it after the meals
        are deleted.
        """
        while (record := await self._streaks.get(user_id)) is not None:
            spared = await spare()
            if spared is None:
                break
            if spared.may_start and self._at_work(record):
                await self._streaks.leave(user_id, self._new_id())
                break
            if await self._streaks.remove(user_id, record.revision):
                return 1
        return 0

    async def _mend(self, user_id: UserId, record: StreakRecord | None) -> StreakRecord:
        """Write what the meals say over a record that nobody is at work on."""
        computed = await self.computed(user_id)
        if record is None and not computed.meals_total:
            return computed  # A read leaves nothing behind of somebody who has no meals.
        intent = Intent(self._new_id(), self._clock.now())
        try:
            begun = await self._streaks.begin(user_id, intent)
            return await self._settle(user_id, intent, begun, Did.ANYTHING)
        except ErasedMeanwhileError:  # whoever only reads need not know
            return await self.computed(user_id)

    async def _settle(
        self, user_id: UserId, mine: Intent, record: StreakRecord, did: date | Did
    ) -> StreakRecord:
        """Take in what was done and take the intent out, over the revision that was read.

        What only adds a meal adds up with what others do. Anything else is computed anew, which
        none but the last one may do: the meals that others are about to change are in it or not.
        """
        while True:
            others = self._at_work(record, but=mine)
            after, whole = await self._after(user_id, mine, record, did), False
            if after is None and others:
                await self._streaks.leave(user_id, mine.id)
                return await self.computed(user_id)
            if after is None:
                after, whole = await self.computed(user_id), True
            after = replace(after, intents=others, revision=record.revision + 1)
            if await self._streaks.settle(user_id, mine.id, after, whole=whole):
                # What others have done by now is not in the record yet; they may even be dead.
                return await self.computed(user_id) if others else after
            found = await self._streaks.get(user_id)
            if found is None or mine.id not in (each.id for each in found.intents):
                # Erased meanwhile, or taken for dead: what was read may lack what was done.
                found, did = await self._streaks.begin(user_id, mine), Did.ANYTHING
            record = found

    async def _after(
        self, user_id: UserId, mine: Intent, record: StreakRecord, did: date | Did
    ) -> StreakRecord | None:
        """The record with what was done; None where it must be computed from the meals."""
        known = record.meals_total is not None
        if did is Did.ANYTHING or not known or self._any_dead(record, but=mine):
            return None
        if isinstance(did, Did):
            return replace(record, history=())
        after = extended(record, did)
        if after is None and did in await self._streaks.history(user_id):
            return replace(record, history=(), meals_total=(record.meals_total or 0) + 1)
        return after

    def _at_work(self, record: StreakRecord, but: Intent | None = None) -> tuple[Intent, ...]:
        return tuple(each for each in self._all(record, but) if not self._is_dead(each))

    def _any_dead(self, record: StreakRecord, but: Intent) -> bool:
        return any(self._is_dead(each) for each in self._all(record, but))

    def _is_dead(self, intent: Intent) -> bool:
        return intent.is_abandoned(self._clock.now())

    @staticmethod
    def _all(record: StreakRecord, but: Intent | None) -> Iterator[Intent]:
        return (each for each in record.intents if but is None or each.id != but.id)
